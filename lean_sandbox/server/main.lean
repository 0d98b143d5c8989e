import OuterloopServer
public unsafe def main : IO Unit := serve
