/* A job that reports its progress, in C: one JSON object per line on the report channel.
 *   cc -o report docs/examples/report.c && atlasjob submit --kind demo -- ./report
 */
#include <stdio.h>
#include <stdlib.h>

/* The report channel, or NULL outside a job. */
static FILE *open_channel(void)
{
    const char *number = getenv("ATLASJOB_REPORT_FD");
    FILE *channel = number ? fdopen(atoi(number), "w") : NULL;
    /* Each line is sent when it is complete, in one write. */
    if (channel)
        setvbuf(channel, NULL, _IOLBF, BUFSIZ);
    return channel;
}

int main(void)
{
    FILE *channel = open_channel();
    const int total = 4;
    for (int current = 1; current <= total; ++current) {
        if (channel)
            fprintf(channel, "{\"phase\":\"counting\",\"current\":%d,\"total\":%d,\"progress\":%g}\n",
                    current, total, (double)current / total);
    }
    if (channel)
        fprintf(channel, "{\"message\":\"counted to %d\",\"result\":{\"counted\":%d}}\n", total, total);
    return 0;
}
