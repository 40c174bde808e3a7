"""``madang subsonic-check URL``: does a server, anybody's, keep the OpenSubsonic protocol? Each check is one function, named after what it looks at;
its docstring is what the protocol says."""
