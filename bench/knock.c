/* A load generator for TCP with a fresh connection for each query: connect, ask, read, close.
 *
 * usage: knock PORT FILE SECONDS CONNECTIONS
 *   FILE  query packets, each behind its length (16 bits, big-endian), as TCP wants them too
 * Connects to 127.0.0.1 from several addresses of 127.0.1.0/24, so that ports in TIME_WAIT
 * don't run out. Prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 65537, CONNECTIONS = 1024, SOURCES = 32, BATCH = 64 };

struct caller {
    int fd;
    size_t got;
    unsigned char answer[SIZE];
};

static struct sockaddr_in server = {.sin_family = AF_INET};
static unsigned char *packets;
static size_t *offsets, packet_count, next_packet, next_source;
static uint64_t sent, received, failed, rcodes[16];
static int poller;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void load(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        die(path);
    fseek(file, 0, SEEK_END);
    size_t size = ftell(file), at = 0;
    rewind(file);
    packets = malloc(size + 1);
    offsets = malloc((size / 2 + 1) * sizeof *offsets);
    if (!packets || !offsets || fread(packets, 1, size, file) != size)
        die(path);
    fclose(file);
    while (at + 2 <= size) {
        offsets[packet_count++] = at;
        at += 2 + (packets[at] << 8 | packets[at + 1]);
    }
    if (at != size || packet_count == 0) {
        fprintf(stderr, "%s: not a file of packets\n", path);
        exit(1);
    }
}

static void call(struct caller *caller)
{
    struct sockaddr_in source = {.sin_family = AF_INET};
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = caller};
    int yes = 1;

    source.sin_addr.s_addr = htonl(0x7f000101 + next_source++ % SOURCES);
    caller->got = 0;
    caller->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    setsockopt(caller->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (caller->fd < 0 || bind(caller->fd, (struct sockaddr *)&source, sizeof source) != 0)
        die("bind");
    if (connect(caller->fd, (struct sockaddr *)&server, sizeof server) != 0
        && errno != EINPROGRESS)
        die("connect");
    if (epoll_ctl(poller, EPOLL_CTL_ADD, caller->fd, &event) != 0)
        die("epoll_ctl");
}

static void ask(struct caller *caller)
{
    unsigned char *packet = packets + offsets[next_packet];
    size_t length = 2 + (packet[0] << 8 | packet[1]);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = caller};

    next_packet = next_packet + 1 == packet_count ? 0 : next_packet + 1;
    sent++;
    if (send(caller->fd, packet, length, MSG_NOSIGNAL) == (ssize_t)length)
        epoll_ctl(poller, EPOLL_CTL_MOD, caller->fd, &event);
    /* Otherwise the connection failed: what comes next is EPOLLERR or EPOLLHUP. */
}

static int is_whole(const struct caller *caller)
{
    return caller->got >= 14 && caller->got >= 2u + (caller->answer[0] << 8 | caller->answer[1]);
}

/* Reads what is there; true when this call is over, well or badly. */
static int listen_to(struct caller *caller)
{
    ssize_t count = recv(caller->fd, caller->answer + caller->got, SIZE - caller->got, 0);
    if (count < 0 && errno == EAGAIN)
        return 0;
    if (count <= 0) {
        failed++;
        return 1;
    }
    caller->got += count;
    if (!is_whole(caller))
        return 0;
    received++;
    rcodes[caller->answer[5] & 15]++;
    return 1;
}

static int is_over(struct caller *caller, unsigned events)
{
    if (events & (EPOLLERR | EPOLLHUP) && !(events & EPOLLIN)) {
        failed++;
        return 1;
    }
    if (events & EPOLLOUT)
        ask(caller);
    return events & EPOLLIN ? listen_to(caller) : 0;
}

int main(int argc, char **argv)
{
    struct epoll_event events[BATCH];
    if (argc < 5 || atoi(argv[4]) < 1 || atoi(argv[4]) > CONNECTIONS) {
        fprintf(stderr, "usage: knock PORT FILE SECONDS CONNECTIONS\n");
        return 2;
    }
    int count = atoi(argv[4]);
    double seconds = atof(argv[3]);
    server.sin_port = htons(atoi(argv[1]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load(argv[2]);
    poller = epoll_create1(0);
    struct caller *callers = calloc(count, sizeof *callers);
    if (poller < 0 || !callers)
        die("start");
    for (int i = 0; i < count; i++)
        call(&callers[i]);
    double start = now();
    while (now() - start < seconds && failed < 10000) {
        int ready = epoll_wait(poller, events, BATCH, 100);
        for (int i = 0; i < ready; i++) {
            struct caller *caller = events[i].data.ptr;
            if (is_over(caller, events[i].events)) {
                close(caller->fd);
                call(caller);
            }
        }
    }
    seconds = now() - start;
    printf("{\"sent\": %lu, \"received\": %lu, \"failed\": %lu, \"qps\": %.1f, \"rcodes\": {",
           received + failed, received, failed, received / seconds);
    const char *comma = "";
    for (int i = 0; i < 16; i++)
        if (rcodes[i]) {
            printf("%s\"%d\": %lu", comma, i, rcodes[i]);
            comma = ", ";
        }
    printf("}}\n");
    return 0;
}
