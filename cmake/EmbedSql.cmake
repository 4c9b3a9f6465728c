# certbound_embed_sql(TARGET DIALECT): compiles sql/DIALECT/{migrations,queries}/*.sql into TARGET, so that the
# program and its SQL cannot drift apart. The header is store/sql.h.
function(certbound_embed_sql target dialect)
    set(root ${CMAKE_SOURCE_DIR}/sql/${dialect})
    file(GLOB files CONFIGURE_DEPENDS ${root}/migrations/*.sql ${root}/queries/*.sql)
    set(out ${CMAKE_CURRENT_BINARY_DIR}/sql_${dialect}.c)
    add_custom_command(OUTPUT ${out}
        COMMAND ${CMAKE_COMMAND} -DDIALECT=${dialect} -DROOT=${root} -DOUT=${out}
                -P ${CMAKE_SOURCE_DIR}/cmake/EmbedSqlScript.cmake
        DEPENDS ${files} ${CMAKE_SOURCE_DIR}/cmake/EmbedSqlScript.cmake
        COMMENT "Embedding the ${dialect} SQL" VERBATIM)
    target_sources(${target} PRIVATE ${out})
endfunction()
