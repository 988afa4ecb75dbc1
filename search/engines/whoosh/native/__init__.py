"""The same answers as with arrays, in C: posting lists added up as they lie in the files."""
