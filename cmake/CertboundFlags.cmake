# Warnings, hardening and sanitizers, for every target of the project.
option(CERTBOUND_WERROR "Treat warnings as errors" OFF)
option(CERTBOUND_FUZZ "Build the fuzz targets with libFuzzer (clang)" OFF)
set(CERTBOUND_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

add_compile_options(
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wundef -Wvla
    -Wformat=2 -Wcast-qual -Wwrite-strings -Wimplicit-fallthrough -Wswitch-enum -fno-common)
add_compile_definitions(_GNU_SOURCE OPENSSL_API_COMPAT=30000 OPENSSL_NO_DEPRECATED)
if(CERTBOUND_WERROR)
    add_compile_options(-Werror)
endif()

set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(CERTBOUND_SANITIZE)
    add_compile_options(-fsanitize=${CERTBOUND_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
    add_link_options(-fsanitize=${CERTBOUND_SANITIZE})
    if(CERTBOUND_FUZZ)
        add_compile_options(-fsanitize=fuzzer-no-link)
    endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
    set(CMAKE_C_FLAGS_RELEASE "-O2 -g")
    add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
        add_compile_options(-fcf-protection)
    endif()
    add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()

include(CheckPIESupported)
check_pie_supported(LANGUAGES C)
