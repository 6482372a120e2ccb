# The console's web files, built by the pinned Node from agent/console/web and compiled in. Nothing is fetched here.
enable_language(ASM)
set(ROOTLET_WEB ${PROJECT_SOURCE_DIR}/agent/console/web CACHE PATH "The npm project of the console")
set(WEB_ASSETS ${PROJECT_SOURCE_DIR}/agent/console/assets)
set(WEB_OUT ${CMAKE_CURRENT_BINARY_DIR}/web)
file(MAKE_DIRECTORY ${WEB_OUT})

file(GLOB node ${PROJECT_SOURCE_DIR}/third_party/node_modules/node-linux-*/bin/node)
if(NOT node)
  message(FATAL_ERROR "The pinned Node is missing; run scripts/deps.sh first")
endif()
list(GET node 0 node)
set(WEB_NODE ${node} CACHE INTERNAL "The pinned Node")
get_filename_component(node_folder ${WEB_NODE} DIRECTORY)

if(EXISTS ${ROOTLET_WEB}/package.json)
  if(NOT EXISTS ${ROOTLET_WEB}/node_modules)
    message(FATAL_ERROR "The console's npm packages are missing; run scripts/deps.sh first")
  endif()
  file(GLOB tops CONFIGURE_DEPENDS LIST_DIRECTORIES true ${ROOTLET_WEB}/*)
  set(web_sources ${PROJECT_SOURCE_DIR}/agent/api/openapi.json)
  foreach(top ${tops})
    if(NOT IS_DIRECTORY ${top})
      list(APPEND web_sources ${top})
    elseif(NOT top MATCHES "/(node_modules|dist|tests)$")
      file(GLOB_RECURSE below CONFIGURE_DEPENDS ${top}/*)
      list(APPEND web_sources ${below})
    endif()
  endforeach()
  set(WEB_DIST ${ROOTLET_WEB}/dist)
  add_custom_command(OUTPUT ${WEB_OUT}/built
    COMMAND ${CMAKE_COMMAND} -E env "PATH=${node_folder}:$ENV{PATH}" npm run --silent build
    COMMAND ${CMAKE_COMMAND} -E touch ${WEB_OUT}/built
    WORKING_DIRECTORY ${ROOTLET_WEB} DEPENDS ${web_sources} COMMENT "Building the console's web files" VERBATIM)
else()
  message(WARNING "${ROOTLET_WEB} is missing: the console has its door only")
  set(WEB_DIST "")
  file(TOUCH ${WEB_OUT}/built)
endif()

add_custom_command(OUTPUT ${WEB_OUT}/web_files.cpp ${WEB_OUT}/web_files.bin
  COMMAND ${WEB_NODE} ${WEB_ASSETS}/embed.mjs "${WEB_DIST}" ${WEB_ASSETS} ${WEB_OUT}
  DEPENDS ${WEB_OUT}/built ${WEB_ASSETS}/embed.mjs ${WEB_ASSETS}/door.css VERBATIM)

# .incbin takes no time; an array of numbers takes seconds and some hundred MiB.
configure_file(${WEB_ASSETS}/web_bytes.S.in ${WEB_OUT}/web_bytes.S @ONLY)
set_source_files_properties(${WEB_OUT}/web_bytes.S PROPERTIES OBJECT_DEPENDS ${WEB_OUT}/web_files.bin)
add_library(rootlet_web_bytes OBJECT ${WEB_OUT}/web_bytes.S)  # without the warnings of C++
target_sources(rootlet_agent_console_assets
  PRIVATE ${WEB_OUT}/web_files.cpp $<TARGET_OBJECTS:rootlet_web_bytes>)
