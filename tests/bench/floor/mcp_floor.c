/* mcp_floor LEDGER: a minimal MCP server that answers get_job_status from a ledger. It finds ids by
 * searching the text, runs one prepared SELECT and prints the answer: no parsing, no checks. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kBuffer = 1 << 16 };

static const char kSelect[] =
    "SELECT job_id, kind, status, progress, phase, message, current, total, created_at, started_at, "
    "updated_at, ended_at, target, result, error FROM jobs WHERE job_id = ?1 AND owner = 'bench'";
static const char kArgument[] = "\"job_id\":\"";

/* Writes `text` escaped for a JSON string; returns the end of the output. */
static char* escape(char* out, const char* text) {
    for (; *text != '\0'; ++text) {
        if (*text == '"' || *text == '\\') *out++ = '\\';
        *out++ = *text;
    }
    return out;
}

static const char* text_or_null(sqlite3_stmt* row, int column) {
    const char* text = (const char*)sqlite3_column_text(row, column);
    return text != NULL ? text : "null";
}

static void print_job(char* out, size_t size, sqlite3_stmt* row) {
    snprintf(out, size,
             "{\"job_id\":\"%s\",\"kind\":\"%s\",\"status\":\"%s\",\"progress\":%.2f,\"phase\":\"%s\","
             "\"message\":\"%s\",\"current\":%lld,\"total\":%lld,\"created_at\":%lld,\"started_at\":%lld,"
             "\"updated_at\":%lld,\"ended_at\":%lld,\"target\":%s,\"result\":%s,\"error\":null}",
             text_or_null(row, 0), text_or_null(row, 1), text_or_null(row, 2),
             sqlite3_column_double(row, 3), text_or_null(row, 4), text_or_null(row, 5),
             (long long)sqlite3_column_int64(row, 6), (long long)sqlite3_column_int64(row, 7),
             (long long)sqlite3_column_int64(row, 8), (long long)sqlite3_column_int64(row, 9),
             (long long)sqlite3_column_int64(row, 10), (long long)sqlite3_column_int64(row, 11),
             text_or_null(row, 12), text_or_null(row, 13));
}

static size_t answer_call(char* out, size_t size, sqlite3_stmt* row, long id, const char* job_id) {
    char job[4096];
    size_t length = 0;
    sqlite3_bind_text(row, 1, job_id, 36, SQLITE_STATIC);
    if (sqlite3_step(row) == SQLITE_ROW) {
        print_job(job, sizeof job, row);
        char* end = out + sprintf(out, "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"content\":[{"
                                       "\"type\":\"text\",\"text\":\"", id);
        end = escape(end, job);
        end += sprintf(end, "\"}],\"structuredContent\":%s}}\n", job);
        length = (size_t)(end - out);
    } else {
        length = (size_t)snprintf(out, size, "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"error\":{\"code\":-32602,"
                                             "\"message\":\"not found\"}}\n", id);
    }
    sqlite3_reset(row);
    return length;
}

static size_t answer(char* out, size_t size, sqlite3_stmt* row, const char* line) {
    const char* id = strstr(line, "\"id\":");
    const char* argument = strstr(line, kArgument);
    if (id == NULL) return 0;
    if (argument != NULL)
        return answer_call(out, size, row, atol(id + 5), argument + sizeof kArgument - 1);
    return (size_t)snprintf(out, size,
                            "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"protocolVersion\":"
                            "\"2025-06-18\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":"
                            "\"floor\",\"version\":\"1\"}}}\n", atol(id + 5));
}

static sqlite3_stmt* open_row(const char* ledger) {
    sqlite3* database = NULL;
    sqlite3_stmt* row = NULL;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(ledger, &database, flags, NULL) != SQLITE_OK) exit(3);
    sqlite3_busy_timeout(database, 5000);
    if (sqlite3_prepare_v2(database, kSelect, -1, &row, NULL) != SQLITE_OK) exit(4);
    return row;
}

int main(int argc, char** argv) {
    static char in[kBuffer];
    static char out[kBuffer];
    if (argc != 2) return 2;
    sqlite3_stmt* row = open_row(argv[1]);
    size_t have = 0;
    for (ssize_t count = 0; (count = read(STDIN_FILENO, in + have, sizeof in - have)) > 0;) {
        have += (size_t)count;
        char* line = in;
        for (char* end = NULL; (end = memchr(line, '\n', have - (size_t)(line - in))) != NULL;) {
            *end = '\0';
            size_t length = answer(out, sizeof out, row, line);
            if (length > 0 && write(STDOUT_FILENO, out, length) != (ssize_t)length) return 1;
            line = end + 1;
        }
        have -= (size_t)(line - in);
        memmove(in, line, have);
    }
    return 0;
}
