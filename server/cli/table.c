#include "base/utf8.h"
#include "cli/cli.h"

struct cb_table_row {
    struct cb_table_row *next;
    struct cb_str cells[CB_TABLE_COLUMNS];
};

void cb_table_init(struct cb_table *t, struct cb_arena *a, size_t columns)
{
    *t = (struct cb_table){ .arena = a, .columns = columns };
}

/* One character of text: its bytes, or '?' for what a terminal might obey. */
static struct cb_str next_character(struct cb_str *rest)
{
    const size_t n = cb_utf8_sequence(*rest);
    const unsigned char c = (unsigned char)rest->p[0];
    /* U+0080 to U+009F are control characters too. */
    const bool control = c < 0x20 || c == 0x7f || (c == 0xc2 && n == 2 && (unsigned char)rest->p[1] < 0xa0);
    const struct cb_str shown = n == 0 || control ? CB_STR("?") : (struct cb_str){ rest->p, n };
    rest->p += n == 0 ? 1 : n;
    rest->n -= n == 0 ? 1 : n;
    return shown;
}

void cb_table_add(struct cb_table *t, const struct cb_str *cells)
{
    struct cb_table_row *row = cb_arena_alloc(t->arena, sizeof *row);
    if (row == NULL) {
        t->failed = true;
        return;
    }
    for (size_t i = 0; i < t->columns; i++) {
        row->cells[i] = cb_arena_str(t->arena, cells[i]);
        t->failed |= row->cells[i].p == NULL;
    }
    if (t->last == NULL) {
        t->first = row;
    } else {
        t->last->next = row;
    }
    t->last = row;
}

static size_t width_of(struct cb_str cell)
{
    size_t n = 0;
    while (cell.n > 0) {
        (void)next_character(&cell);
        n++;
    }
    return n;
}

static void print_cell(struct cb_str cell, size_t width, FILE *out)
{
    size_t n = 0;
    for (; cell.n > 0; n++) {
        const struct cb_str c = next_character(&cell);
        (void)fwrite(c.p, 1, c.n, out);
    }
    for (; n < width; n++) {
        (void)fputc(' ', out);
    }
}

cb_status cb_table_print(const struct cb_table *t, FILE *out, struct cb_err *err)
{
    CB_ENSURE(!t->failed, CB_E_MEMORY, "no memory for the output");
    size_t widths[CB_TABLE_COLUMNS] = { 0 }; /* the last column needs no padding */
    for (const struct cb_table_row *row = t->first; row != NULL; row = row->next) {
        for (size_t i = 0; i + 1 < t->columns; i++) {
            const size_t width = width_of(row->cells[i]) + 2;
            widths[i] = width > widths[i] ? width : widths[i];
        }
    }
    for (const struct cb_table_row *row = t->first; row != NULL; row = row->next) {
        for (size_t i = 0; i < t->columns; i++) {
            print_cell(row->cells[i], widths[i], out);
        }
        (void)fputc('\n', out);
    }
    return CB_OK;
}
