# How tests are declared, so that each kind behaves alike under ctest.

# A sanitizer report fails a test even where the test runner hides the exit status.
set(CERTBOUND_TEST_FAIL_REGEX "LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:|definitely lost")

function(certbound_test_properties name label)
    set_tests_properties(${name} PROPERTIES LABELS ${label} FAIL_REGULAR_EXPRESSION "${CERTBOUND_TEST_FAIL_REGEX}")
endfunction()

# certbound_needs_postgresql(NAME...): tests/support/README.md. The file holds the connection string.
set(CERTBOUND_TEST_POSTGRESQL_FILE ${CMAKE_BINARY_DIR}/postgresql/uri)
function(certbound_needs_postgresql)
    set_property(TEST ${ARGN} APPEND PROPERTY FIXTURES_REQUIRED postgresql)
    set_property(TEST ${ARGN} APPEND PROPERTY ENVIRONMENT CB_TEST_POSTGRESQL_FILE=${CERTBOUND_TEST_POSTGRESQL_FILE})
endfunction()

# certbound_unit_test(NAME SOURCES a.c ... LIBS cb_base ...): one Criterion program.
function(certbound_unit_test name)
    cmake_parse_arguments(T "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(test_${name} ${T_SOURCES})
    target_link_libraries(test_${name} PRIVATE ${T_LIBS} PkgConfig::CRITERION)
    # Criterion's macros do not survive our warnings.
    target_compile_options(test_${name} PRIVATE -Wno-pedantic -Wno-missing-prototypes -Wno-conversion -Wno-cast-qual)
    # ThreadSanitizer and Criterion's fork do not go together; the race programs are for it.
    if(NOT CERTBOUND_SANITIZE MATCHES "thread")
        add_test(NAME unit/${name} COMMAND test_${name} --jobs 1)
        certbound_test_properties(unit/${name} unit)
    endif()
endfunction()

# certbound_program_test(NAME LABEL race SOURCES a.c ... LIBS ... [ARGS ...]): a plain main().
function(certbound_program_test name)
    cmake_parse_arguments(T "" "LABEL" "SOURCES;LIBS;ARGS" ${ARGN})
    add_executable(${T_LABEL}_${name} ${T_SOURCES})
    target_link_libraries(${T_LABEL}_${name} PRIVATE ${T_LIBS})
    add_test(NAME ${T_LABEL}/${name} COMMAND ${T_LABEL}_${name} ${T_ARGS})
    certbound_test_properties(${T_LABEL}/${name} ${T_LABEL})
endfunction()

# certbound_fuzz_target(NAME SOURCES a.c ... LIBS cb_base ...): a parser of outside bytes. Under preset fuzz a
# libFuzzer program bin/fuzz_NAME; otherwise a test that replays tests/fuzz/corpus/NAME, which must hold something.
function(certbound_fuzz_target name)
    cmake_parse_arguments(T "" "" "SOURCES;LIBS" ${ARGN})
    add_executable(fuzz_${name} ${T_SOURCES})
    target_link_libraries(fuzz_${name} PRIVATE ${T_LIBS})
    # The entry point's prototype is libFuzzer's business.
    target_compile_options(fuzz_${name} PRIVATE -Wno-missing-prototypes)
    if(CERTBOUND_FUZZ)
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        target_sources(fuzz_${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests/fuzz/standalone_driver.c)
        add_test(NAME fuzz/${name} COMMAND fuzz_${name} ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
        certbound_test_properties(fuzz/${name} fuzz)
    endif()
endfunction()

# certbound_python_test(LABEL NAME...): test_NAME.py of this folder under pytest, each a test of its own. They drive the
# built programs as processes.
set(CERTBOUND_PYTHON /usr/bin/python3 CACHE FILEPATH "Python with Debian's pytest, requests, authlib, cryptography, yaml")
function(certbound_python_test label)
    foreach(name ${ARGN})
        add_test(NAME ${label}/${name}
            COMMAND ${CERTBOUND_PYTHON} -B -m pytest -q -p no:cacheprovider --tb=short
                    ${CMAKE_CURRENT_SOURCE_DIR}/test_${name}.py)
        certbound_test_properties(${label}/${name} ${label})
        set(environment
            CERTBOUND_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/certbound
            CERTBOUND_RESOURCE_SERVER_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/resource-server
            CB_TEST_NPM_DIR=${CMAKE_BINARY_DIR}/interop-npm
            CB_TEST_SANITIZER=${CERTBOUND_SANITIZE})
        set_tests_properties(${label}/${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT 600 ENVIRONMENT "${environment}")
        certbound_needs_postgresql(${label}/${name})
    endforeach()
endfunction()
