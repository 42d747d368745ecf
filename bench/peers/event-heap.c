/*
 * The peer of the event simulation: a first-come-first-served queue with several slots, in
 * C, by a generic event heap, as one would write it without a second thought about tricks.
 * It is what "a fast simulation" means in `npm run bench`.
 *
 * Generic: one binary heap of events ordered by (time, sequence number), an event is a kind
 * and a subject, the main loop takes the earliest and switches on its kind. Two events a
 * job: it arrives, it ends.
 *
 *   event-heap FILE SLOTS REPETITIONS [MEAN VARIATION SEED]
 *
 * FILE: doubles of this machine's byte order: all arrival times, ascending, then all
 * durations. As it stands, both are used as given, so that every peer must come to the same
 * waiting time. With a mean and a coefficient of variation, each duration is drawn from
 * that log-normal instead when its job starts, anew in each repetition, as a forecast does.
 *
 * Prints: seconds for all repetitions, jobs, summed waiting time, last end.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum kind { ARRIVE, END };

struct event {
    double time;
    uint64_t sequence;
    enum kind kind;
    int32_t job;
};

struct heap {
    struct event *events;
    int size;
    uint64_t next_sequence;
};

static int before(const struct event *a, const struct event *b) {
    return a->time < b->time || (a->time == b->time && a->sequence < b->sequence);
}

static void push(struct heap *heap, double time, enum kind kind, int32_t job) {
    struct event event = {time, heap->next_sequence++, kind, job};
    int place = heap->size++;
    while (place > 0) {
        int parent = (place - 1) / 2;
        if (!before(&event, &heap->events[parent])) break;
        heap->events[place] = heap->events[parent];
        place = parent;
    }
    heap->events[place] = event;
}

static struct event pop(struct heap *heap) {
    struct event first = heap->events[0];
    struct event last = heap->events[--heap->size];
    int place = 0;
    for (;;) {
        int child = 2 * place + 1;
        if (child >= heap->size) break;
        if (child + 1 < heap->size && before(&heap->events[child + 1], &heap->events[child])) child++;
        if (!before(&heap->events[child], &last)) break;
        heap->events[place] = heap->events[child];
        place = child;
    }
    heap->events[place] = last;
    return first;
}

/* sfc32 (Doty-Humphrey, PractRand). */
struct random {
    uint32_t a, b, c, counter;
    double spare; /* The polar method makes two normals at a time. */
    int has_spare;
};

static double uniform(struct random *random) {
    uint32_t sum = random->a + random->b + random->counter++;
    random->a = random->b ^ (random->b >> 9);
    random->b = random->c + (random->c << 3);
    random->c = (random->c << 21) | (random->c >> 11);
    random->c += sum;
    return sum / 4294967296.0;
}

/* Standard normal by the polar method (Marsaglia and Bray, 1964). */
static double normal(struct random *random) {
    if (random->has_spare) {
        random->has_spare = 0;
        return random->spare;
    }
    for (;;) {
        double u = 2 * uniform(random) - 1, v = 2 * uniform(random) - 1;
        double s = u * u + v * v;
        if (s <= 0 || s >= 1) continue;
        double factor = sqrt(-2 * log(s) / s);
        random->spare = v * factor;
        random->has_spare = 1;
        return u * factor;
    }
}

struct world {
    const double *arrivals;
    const double *durations; /* NULL: drawn. */
    double mu, sigma;
    struct random random;
    int32_t jobs;
    int slots;
    struct heap heap;
    int32_t *waiting; /* Jobs that wait, in order: each enters once, so no wrap-around. */
    double *starts;
};

static double duration(struct world *world, int32_t job) {
    if (world->durations != NULL) return world->durations[job];
    double drawn = round(exp(world->mu + world->sigma * normal(&world->random)));
    return drawn < 1 ? 1 : drawn;
}

static void start(struct world *world, int32_t job, double now) {
    world->starts[job] = now;
    push(&world->heap, now + duration(world, job), END, job);
}

/* Returns the time of the last end. */
static double simulate(struct world *world) {
    int32_t first = 0, last = 0;
    int busy = 0;
    double now = 0;
    world->heap.size = 0;
    world->heap.next_sequence = 0;
    if (world->jobs > 0) push(&world->heap, world->arrivals[0], ARRIVE, 0);
    while (world->heap.size > 0) {
        struct event event = pop(&world->heap);
        now = event.time;
        switch (event.kind) {
        case ARRIVE:
            if (event.job + 1 < world->jobs) {
                push(&world->heap, world->arrivals[event.job + 1], ARRIVE, event.job + 1);
            }
            if (busy < world->slots) {
                busy++;
                start(world, event.job, now);
            } else {
                world->waiting[last++] = event.job;
            }
            break;
        case END:
            if (first < last) {
                start(world, world->waiting[first++], now);
            } else {
                busy--;
            }
            break;
        }
    }
    return now;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void *allocate(size_t count, size_t size) {
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL) {
        fprintf(stderr, "event-heap: out of memory\n");
        exit(1);
    }
    return memory;
}

/* Reads all doubles of a file; half of them are arrivals, half durations. */
static double *read_numbers(const char *path, int32_t *jobs) {
    FILE *file = fopen(path, "rb");
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        fprintf(stderr, "event-heap: cannot read %s\n", path);
        exit(1);
    }
    long bytes = ftell(file);
    rewind(file);
    *jobs = (int32_t)(bytes / (long)sizeof(double) / 2);
    double *numbers = allocate((size_t)*jobs * 2, sizeof(double));
    if (fread(numbers, sizeof(double), (size_t)*jobs * 2, file) != (size_t)*jobs * 2) {
        fprintf(stderr, "event-heap: %s ends early\n", path);
        exit(1);
    }
    fclose(file);
    return numbers;
}

static void draw_durations(struct world *world, double mean, double variation, uint32_t seed) {
    double variance = log(1 + variation * variation);
    world->durations = NULL;
    world->mu = log(mean) - variance / 2;
    world->sigma = sqrt(variance);
    world->random = (struct random){seed, 0, 0, 1, 0, 0};
    for (int i = 0; i < 15; i++) uniform(&world->random);
}

int main(int argc, char **argv) {
    if (argc != 4 && argc != 7) {
        fprintf(stderr, "usage: event-heap FILE SLOTS REPETITIONS [MEAN VARIATION SEED]\n");
        return 1;
    }
    struct world world = {0};
    double *numbers = read_numbers(argv[1], &world.jobs);
    world.arrivals = numbers;
    world.durations = numbers + world.jobs;
    if (argc == 7) draw_durations(&world, atof(argv[4]), atof(argv[5]), (uint32_t)atol(argv[6]));
    world.slots = atoi(argv[2]);
    int repetitions = atoi(argv[3]);
    world.heap.events = allocate((size_t)world.slots + 2, sizeof(struct event));
    world.waiting = allocate((size_t)world.jobs, sizeof(int32_t));
    world.starts = allocate((size_t)world.jobs, sizeof(double));

    double last_end = 0;
    double began = seconds();
    for (int i = 0; i < repetitions; i++) last_end = simulate(&world);
    double took = seconds() - began;

    double waited = 0;
    for (int32_t job = 0; job < world.jobs; job++) waited += world.starts[job] - world.arrivals[job];
    printf("{\"seconds\": %.9f, \"jobs\": %.0f, \"waitedMs\": %.0f, \"lastEndMs\": %.0f}\n", took,
           (double)world.jobs * repetitions, waited, last_end);
    return 0;
}
