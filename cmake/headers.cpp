// Carries the precompiled header (headers.hpp); it has no code of its own.
