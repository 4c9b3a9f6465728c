/* The SQL files of sql/, compiled in by cmake/EmbedSql.cmake. */
#ifndef CB_STORE_SQL_H
#define CB_STORE_SQL_H

struct cb_sql_file {
    const char *name;     /* file name without .sql */
    const char *checksum; /* SHA-256 of the file, hex */
    const char *sql;
};

/* Sorted by name, ended by a row with name NULL. */
extern const struct cb_sql_file cb_sql_sqlite_migrations[], cb_sql_sqlite_queries[];
extern const struct cb_sql_file cb_sql_postgresql_migrations[], cb_sql_postgresql_queries[];

#endif
