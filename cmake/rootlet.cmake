# How this project's own code is compiled, and the functions that its folders use.

add_library(rootlet_flags INTERFACE)
target_compile_options(rootlet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wcast-align -Woverloaded-virtual
  -Wimplicit-fallthrough -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns falsely about members of moved-from variants and guarded optionals.
  # ccache needs -fpch-preprocess to cache files that use a precompiled header.
  target_compile_options(rootlet_flags INTERFACE -Wno-maybe-uninitialized -fpch-preprocess)
endif()
target_include_directories(rootlet_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(rootlet_flags INTERFACE
  ROOTLET_VERSION="${PROJECT_VERSION}" BOOST_JSON_NO_LIB BOOST_ALL_NO_LIB)
target_link_libraries(rootlet_flags INTERFACE Boost::json PkgConfig::SODIUM spdlog::spdlog)
if(ROOTLET_SANITIZE)
  # GCC's warnings see the sanitizers' own code and are often false there; the other presets keep -Werror.
  target_compile_options(rootlet_flags INTERFACE -Wno-error)
  add_compile_options(-fsanitize=${ROOTLET_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROOTLET_SANITIZE})
endif()
if(ROOTLET_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # coverage of the libraries too
endif()
add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)

# What nearly every file of a room includes, compiled once. A COLD room waits for files, networks or people, not for
# the processor: it is built with -O1, and its precompiled header has Boost.JSON too, which doubles the header's size.
function(rootlet_headers_target name header)
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/headers.cpp)
  # Never from the cache: GCC knows the headers inside by their times, and ccache by their content.
  set_target_properties(${name} PROPERTIES CXX_COMPILER_LAUNCHER "")
  target_link_libraries(${name} PUBLIC rootlet_flags)
  target_precompile_headers(${name} PRIVATE ${header})
endfunction()
rootlet_headers_target(rootlet_headers ${PROJECT_SOURCE_DIR}/cmake/headers.hpp)
rootlet_headers_target(rootlet_cold_headers ${PROJECT_SOURCE_DIR}/cmake/json_headers.hpp)
target_compile_options(rootlet_cold_headers PRIVATE $<$<CONFIG:Release>:-O1>)

# The same plus doctest for the tests. The code under test is optimised; the tests themselves only have to build fast.
add_library(rootlet_test_flags INTERFACE)
target_link_libraries(rootlet_test_flags INTERFACE rootlet_flags)
target_compile_options(rootlet_test_flags INTERFACE $<$<CONFIG:Release>:-O0>)
add_library(rootlet_test_headers OBJECT ${PROJECT_SOURCE_DIR}/tests/support/doctest_main.cpp)
target_link_libraries(rootlet_test_headers PUBLIC rootlet_test_flags)
set_target_properties(rootlet_test_headers PROPERTIES POSITION_INDEPENDENT_CODE OFF CXX_COMPILER_LAUNCHER "")
target_precompile_headers(rootlet_test_headers PRIVATE
  ${PROJECT_SOURCE_DIR}/cmake/json_headers.hpp ${PROJECT_SOURCE_DIR}/tests/support/support.hpp)

# rootlet_room(PATH [ROOMS paths…] [LINK libraries…] [COLD]): the .cpp files of one folder (not below it) as the static library
# rootlet_<path with underscores>. ROOMS names the rooms that it may include, transitively;
# tests/floors checks every #include against these lines.
function(rootlet_room path)
  cmake_parse_arguments(ARG "COLD" "" "ROOMS;LINK" ${ARGN})
  string(REPLACE "/" "_" name "rootlet_${path}")
  set(below)
  foreach(room ${ARG_ROOMS})
    string(REPLACE "/" "_" library "rootlet_${room}")
    list(APPEND below ${library})
  endforeach()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${path}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC rootlet_flags ${below} ${ARG_LINK})
    if(ARG_COLD)
      # With -O1, GCC 12 sees overflows inside std::string that are not there.
      target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1> -Wno-array-bounds -Wno-stringop-overflow
        -Wno-stringop-overread)
      target_precompile_headers(${name} REUSE_FROM rootlet_cold_headers)
    else()
      target_precompile_headers(${name} REUSE_FROM rootlet_headers)
    endif()
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE rootlet_flags ${below} ${ARG_LINK})
  endif()
endfunction()

# rootlet_text(PATH FILE NAME): the text of a file of a room as `const std::string_view rootlet::NAME`, for headers to
# declare `extern`. The compiler allows it 64 KiB.
function(rootlet_text path file name)
  string(REPLACE "/" "_" room "rootlet_${path}")
  set(source ${PROJECT_SOURCE_DIR}/${path}/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} ROOTLET_TEXT)
  set(ROOTLET_TEXT_NAME ${name})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/text.cpp.in ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp @ONLY)
  target_sources(${room} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/${name}.cpp)
endfunction()

# rootlet_test_timeout(NAME SECONDS): the time after which CTest stops a test. Sanitizers make programs several times slower;
# a long run (scripts/test.sh --long) tries every case of a sweep and has ROOTLET_LONG=1 in its environment.
function(rootlet_test_timeout name seconds)
  if(ROOTLET_SANITIZE)
    math(EXPR seconds "${seconds} * 10")
  endif()
  if(ROOTLET_LONG)
    math(EXPR seconds "${seconds} * 30")
    set_property(TEST ${name} APPEND PROPERTY ENVIRONMENT "ROOTLET_LONG=1")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${seconds})
endfunction()

# rootlet_test(NAME [LINK libraries…] [TIMEOUT seconds]): every .cpp of this folder and below is one doctest
# program and one CTest entry.
function(rootlet_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  # A folder below that has a CMakeLists.txt of its own is a program of its own.
  file(GLOB_RECURSE others CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*/CMakeLists.txt)
  foreach(other ${others})
    get_filename_component(folder ${other} DIRECTORY)
    list(FILTER sources EXCLUDE REGEX "^${folder}/")
  endforeach()
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources} $<TARGET_OBJECTS:rootlet_test_headers>)
  target_link_libraries(${name} PRIVATE rootlet_test_flags ${ARG_LINK} rootlet_core_format)
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_precompile_headers(${name} REUSE_FROM rootlet_test_headers)
  add_test(NAME ${name} COMMAND ${name} --no-intro)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  rootlet_test_timeout(${name} ${ARG_TIMEOUT})
endfunction()

# rootlet_fuzzer(NAME SOURCE [LINK libraries…]): a libFuzzer program, only in the fuzz preset.
function(rootlet_fuzzer name source)
  if(NOT ROOTLET_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${source})
  target_link_libraries(${name} PRIVATE rootlet_flags ${ARG_LINK})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
endfunction()
