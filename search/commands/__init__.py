"""The subcommands of `outerloop`: options in, lines out, no logic of their own."""
