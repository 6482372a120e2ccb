# Debian's libraries, and SQLite from the pinned npm package (scripts/deps.sh fetches both).

find_package(Threads REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS program_options json)
find_package(OpenSSL 3.0 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(spdlog REQUIRED)
find_package(doctest QUIET)
find_package(ZLIB REQUIRED)
find_package(EXPAT 2.5 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
# The static library, so that packages depend on no further shared one.
find_library(UTF8PROC NAMES libutf8proc.a utf8proc REQUIRED)
pkg_check_modules(XLSXWRITER REQUIRED IMPORTED_TARGET xlsxwriter>=1.1)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq>=13)
pkg_check_modules(ODBC REQUIRED IMPORTED_TARGET odbc>=2.3)
pkg_check_modules(ZIP REQUIRED IMPORTED_TARGET libzip>=1.7)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.5)
# Only its pkcs11.h: tokens' modules are loaded at run time.
pkg_check_modules(P11KIT REQUIRED p11-kit-1)
add_library(P11Kit::Headers INTERFACE IMPORTED)
target_include_directories(P11Kit::Headers SYSTEM INTERFACE ${P11KIT_INCLUDE_DIRS})
