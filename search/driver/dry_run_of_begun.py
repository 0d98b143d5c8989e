"""What a dry run says of a study that was begun: whether this file can go on with it.

Nothing is opened for writing. A study that a search would refuse to go on with is refused here in
the same words.
"""

from __future__ import annotations

from search.driver.plan import MAY_CHANGE, Search
from search.errors import StudyNotFound
from search.materials.gathering import Materials
from search.materials.sources import sources_of, versions
from search.runs.folder import RunFolder
from search.runs.location import StudyHome
from search.settings.changes import allowed, changes, refuse_changes
from search.settings.study import flat_settings
from search.study.made_from import refuse_other_sources, version_lines
from search.study.records import StoredStudy, read_study
from search.study.storage import refuse_another
from search.trial.machines import real_parts


def folder_lines(search: Search, materials: Materials) -> list[str]:
    """The run folder, and what changed since its study was begun.

    Args:
        search: the search that would be run.
        materials: what its files hold now, the student apart.

    Raises:
        StudyExists: it holds a study of another name.
        StudyChanged: it holds a study that was made from other settings, files or weights.
        StudyNotFound: what it holds cannot be read.
    """
    folder = RunFolder(search.run_dir)
    home = StudyHome.of(search.settings, folder)
    line = f"run folder  {folder.path}"
    try:
        stored = read_study(home.place)
    except StudyNotFound:
        if folder.has_study():
            raise
        return [line + (" (exists)" if folder.path.exists() else "")]
    refuse_another([stored.name], home.place, name=search.settings.name)
    return [
        f"{line} (holds this study; --resume goes on with it)",
        *_changed(stored, search, materials),
    ]


def _changed(stored: StoredStudy, search: Search, materials: Materials) -> list[str]:
    if not stored.settings:  # killed before it was tied to a file
        return []
    found = changes(stored.settings, flat_settings(search.settings))
    refuse_changes(stored.name, found, may_change=MAY_CHANGE)
    checked_by = (search.parts or real_parts()).checked_by(search.settings)
    sources = sources_of(search.settings, materials, checked_by=checked_by)
    refuse_other_sources(stored.name, stored.made_from, sources)
    return [
        *(f"changed     {one}; earlier scores stay valid" for one in allowed(found, MAY_CHANGE)),
        *version_lines(stored.made_with, versions()),
    ]
