# How this project's own code is compiled, and the two words its folders use.

add_library(rootlet_flags INTERFACE)
target_compile_options(rootlet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wcast-align -Woverloaded-virtual
  -Wimplicit-fallthrough -fstack-protector-strong)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 sees uninitialised members inside moved-from variants and optionals that are guarded.
  target_compile_options(rootlet_flags INTERFACE -Wno-maybe-uninitialized)
endif()
target_include_directories(rootlet_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(rootlet_flags INTERFACE
  ROOTLET_VERSION="${PROJECT_VERSION}" BOOST_JSON_NO_LIB BOOST_ALL_NO_LIB)
if(ROOTLET_SANITIZE)
  add_compile_options(-fsanitize=${ROOTLET_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROOTLET_SANITIZE})
endif()
if(ROOTLET_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)  # the libraries too show the fuzzer their branches
endif()
add_link_options(-Wl,-z,relro,-z,now -Wl,--as-needed)

# rootlet_library(NAME [LINK libraries…]): every .cpp of this folder (not below it).
function(rootlet_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC rootlet_flags ${ARG_LINK})
endfunction()

# rootlet_test(NAME [LINK libraries…] [TIMEOUT seconds]): every .cpp of this folder is one doctest
# program and one CTest entry.
function(rootlet_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources} ${PROJECT_SOURCE_DIR}/tests/support/doctest_main.cpp)
  target_link_libraries(${name} PRIVATE rootlet_flags ${ARG_LINK})
  # What is tested is optimised; the tests themselves only have to be built quickly.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
  add_test(NAME ${name} COMMAND ${name} --no-intro)
  if(ARG_TIMEOUT)
    set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  else()
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
  endif()
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
