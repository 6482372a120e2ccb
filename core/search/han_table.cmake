# Readings and simplified forms of Chinese characters, from Debian's unicode-data (make_han_table.py).
set(UNIHAN_DIR /usr/share/unicode CACHE PATH "Where Unihan_Readings.txt and Unihan_Variants.txt are, packed or not")
foreach(part Readings Variants)
  file(GLOB found ${UNIHAN_DIR}/Unihan_${part}.txt*)
  if(NOT found)
    message(FATAL_ERROR "Unihan_${part}.txt is missing in ${UNIHAN_DIR}; run scripts/deps.sh first")
  endif()
  list(GET found 0 UNIHAN_${part})
endforeach()
find_package(Python3 REQUIRED COMPONENTS Interpreter)

set(HAN_TABLE ${CMAKE_CURRENT_BINARY_DIR}/han_table.cpp)
set(HAN_SOURCES ${PROJECT_SOURCE_DIR}/core/search)
add_custom_command(OUTPUT ${HAN_TABLE}
  COMMAND ${Python3_EXECUTABLE} ${HAN_SOURCES}/make_han_table.py ${UNIHAN_Readings} ${UNIHAN_Variants}
    ${HAN_SOURCES}/surnames.txt ${HAN_TABLE}
  DEPENDS ${HAN_SOURCES}/make_han_table.py ${HAN_SOURCES}/surnames.txt ${UNIHAN_Readings} ${UNIHAN_Variants}
  VERBATIM)
target_sources(rootlet_core_search PRIVATE ${HAN_TABLE})
