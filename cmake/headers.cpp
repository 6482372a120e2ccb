// The source file that compiles the precompiled header, headers.hpp.
