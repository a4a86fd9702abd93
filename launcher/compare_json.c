/* The comparison as JSON. */
#include <math.h>
#include <string.h>

#include "compare.h"

static void put_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(to, "\\%c", c);
        else if (c < 0x20)
            fprintf(to, "\\u%04x", c);
        else
            fputc(c, to);
    }
    fputc('"', to);
}

static void put_number(FILE *to, double v)
{
    if (isfinite(v))
        fprintf(to, "%.6g", v);
    else
        fprintf(to, "null");
}

static void put_series(FILE *to, const struct ipcr_comparison *c, const struct ipcr_series *s)
{
    fputc('[', to);
    for (int i = 0; i < c->nsizes; i++) {
        if (i)
            fprintf(to, ", ");
        put_number(to, s->at[i]);
    }
    fputc(']', to);
}

static void put_field(FILE *to, const char *key, const char *text)
{
    fprintf(to, ", \"%s\": ", key);
    if (text)
        put_text(to, text);
    else
        fprintf(to, "null");
}

static const char *status_of(const struct ipcr_run *run)
{
    if (run->wrong)
        return "wrong";
    if (run->failed)
        return "failed";
    return run->reason ? "not measured" : "verified";
}

static void put_run(FILE *to, const struct ipcr_comparison *c, const struct ipcr_run *run)
{
    fprintf(to, "    {\"transport\": ");
    put_text(to, run->transport);
    fprintf(to, ", \"ranks\": %d", run->ranks);
    put_field(to, "status", status_of(run));
    put_field(to, "reason", run->reason);
    put_field(to, "skipped", run->skipped);
    fprintf(to, ", \"checked_bytes\": %.0f, \"wrong_messages\": %ld", run->checked, run->wrong);
    for (int m = 0; m < IPCR_METRICS && !run->reason; m++) {
        fprintf(to, ",\n     \"%s\": ", ipcr_metrics[m].key);
        put_series(to, c, &run->series[m]);
    }
    fputc('}', to);
}

static void put_limit(FILE *to, const struct ipcr_comparison *c, const struct ipcr_limit *l)
{
    fprintf(to, "    {\"name\": ");
    put_text(to, l->name);
    fprintf(to, ", \"%s\": ", ipcr_metrics[l->metric].key);
    put_series(to, c, &l->series);
    fputc('}', to);
}

static void put_layout(FILE *to, const struct ipcr_comparison *c, int layout)
{
    const struct ipcr_layout *l = &ipcr_layouts[layout];
    fprintf(to, "  {\"layout\": \"%s\", \"title\": \"%s\", \"ranks\": %d,\n   \"runs\": [\n",
            l->key, l->title, l->ranks);
    for (int i = 0; i < c->nruns; i++) {
        put_run(to, c, &c->runs[layout][i]);
        fprintf(to, i + 1 < c->nruns ? ",\n" : "],\n   \"limits\": [\n");
    }
    for (int i = 0; i < c->limits[layout].n; i++) {
        put_limit(to, c, &c->limits[layout].at[i]);
        fprintf(to, i + 1 < c->limits[layout].n ? ",\n" : "");
    }
    fprintf(to, "]}");
}

static void put_metrics(FILE *to)
{
    for (int m = 0; m < IPCR_METRICS; m++)
        fprintf(to, "%s  \"%s\": {\"unit\": \"%s\", \"text\": \"%s\"}", m ? ",\n" : "",
                ipcr_metrics[m].key, ipcr_metrics[m].unit, ipcr_metrics[m].text);
}

void ipcr_compare_json(const struct ipcr_comparison *c, FILE *to)
{
    fprintf(to, "{\"program\": \"ipcrun --compare-ipc\", \"quick\": %s, \"date\": ",
            c->quick ? "true" : "false");
    put_text(to, c->date);
    fprintf(to, ", \"seconds\": ");
    put_number(to, c->seconds);
    fprintf(to, ",\n \"machine\": {\"cpu\": ");
    put_text(to, c->cpu);
    fprintf(to, ", \"usable_cores\": %d, \"kernel\": ", c->cores);
    put_text(to, c->kernel);
    fprintf(to, ", \"load_before\": ");
    put_number(to, c->load);
    fprintf(to, "},\n \"bytes\": [");
    for (int i = 0; i < c->nsizes; i++)
        fprintf(to, "%s%zu", i ? ", " : "", c->sizes[i]);
    fprintf(to, "],\n \"metrics\": {\n");
    put_metrics(to);
    fprintf(to, "},\n \"layouts\": [\n");
    for (int l = 0; l < IPCR_LAYOUTS; l++) {
        put_layout(to, c, l);
        fprintf(to, l + 1 < IPCR_LAYOUTS ? ",\n" : "]}\n");
    }
}
