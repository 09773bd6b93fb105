/* A DNS load generator over UDP for what dnsperf cannot do: a fresh value in each query (a
 * cookie, a name), an open loop at a fixed rate, and latency percentiles.
 *
 * usage: blast PORT FILE SECONDS SOCKETS WINDOW RATE [OFFSET:LENGTH:raw|letters]
 *   FILE    query packets, each behind its length (16 bits, big-endian); sent round and round
 *   WINDOW  queries outstanding over all sockets (closed loop), where RATE is 0
 *   RATE    queries per second, sent whether answers come or not (open loop)
 *   OFFSET  where fresh octets go in each packet; negative counts from its end
 * Only 127.0.0.1 is ever asked. Prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { BATCH = 32, SIZE = 4096, IDS = 65536, SOCKETS = 64, FINE = 64, BUCKETS = 64 * FINE };
static const uint64_t SECOND = 1000000000, TIMEOUT = 1000000000, IDLE = 1000000;

struct channel {
    int fd, outstanding;
    uint16_t head, tail;
    uint64_t sent_at[IDS]; /* by query ID; 0 where none is outstanding */
};

static struct channel *channels;
static struct pollfd *polls;
static unsigned char *packets;
static size_t *offsets, packet_count, next_packet;
static uint64_t sent, received, in_time, lost, bad, rcodes[16], histogram[BUCKETS];
static int fresh_offset, fresh_length, fresh_letters;
static uint64_t seed = 88172645463325252u;

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + t.tv_nsec;
}

static uint64_t random64(void) /* xorshift64 */
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Buckets grow by 1/64 of a power of two: percentiles are right within 1.6 %. */
static int bucket_of(uint64_t ns)
{
    if (ns < FINE)
        return ns;
    int power = 63 - __builtin_clzll(ns);
    return (power - 5) * FINE + ((ns >> (power - 6)) & (FINE - 1));
}

static double seconds_of(int bucket)
{
    if (bucket < FINE)
        return bucket / 1e9;
    int power = bucket / FINE + 5;
    return (double)((uint64_t)(FINE + bucket % FINE) << (power - 6)) / 1e9;
}

static double percentile(double share)
{
    uint64_t wanted = received * share, seen = 0;
    for (int i = 0; i < BUCKETS; i++)
        if ((seen += histogram[i]) > wanted)
            return seconds_of(i);
    return 0;
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

static void open_channels(int count, int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int room = 4 << 20;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    channels = calloc(count, sizeof *channels);
    polls = calloc(count, sizeof *polls);
    if (!channels || !polls)
        die("calloc");
    for (int i = 0; i < count; i++) {
        int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
            die("connect");
        channels[i].fd = polls[i].fd = fd;
        polls[i].events = POLLIN;
    }
}

static void freshen(unsigned char *packet, size_t length)
{
    unsigned char *at = packet + fresh_offset + (fresh_offset < 0 ? length : 0);
    uint64_t value = 0;
    for (int i = 0; i < fresh_length; i++, value >>= 5) {
        if (i % 12 == 0)
            value = random64();
        at[i] = fresh_letters ? 'a' + (value & 15) : value & 255;
    }
}

static size_t fill(unsigned char *out, uint16_t id)
{
    unsigned char *packet = packets + offsets[next_packet];
    size_t length = packet[0] << 8 | packet[1];
    next_packet = next_packet + 1 == packet_count ? 0 : next_packet + 1;
    memcpy(out, packet + 2, length);
    out[0] = id >> 8;
    out[1] = id & 255;
    if (fresh_length)
        freshen(out, length);
    return length;
}

/* Sends at most `wanted` queries in one system call; how many went out. */
static int send_some(struct channel *channel, int wanted)
{
    static unsigned char buffer[BATCH][SIZE];
    struct mmsghdr message[BATCH];
    struct iovec part[BATCH];
    int count = 0;

    memset(message, 0, sizeof message);
    for (; count < wanted && count < BATCH; count++) {
        uint16_t id = channel->head + count;
        if (channel->sent_at[id])
            break;
        part[count] = (struct iovec){buffer[count], fill(buffer[count], id)};
        message[count].msg_hdr.msg_iov = &part[count];
        message[count].msg_hdr.msg_iovlen = 1;
    }
    if (count == 0)
        return 0;
    int done = sendmmsg(channel->fd, message, count, 0);
    if (done < 0 && errno != EAGAIN && errno != ENOBUFS && errno != ECONNREFUSED)
        die("sendmmsg");
    uint64_t now = now_ns();
    for (int i = 0; i < done; i++)
        channel->sent_at[channel->head++] = now;
    done = done < 0 ? 0 : done;
    channel->outstanding += done;
    sent += done;
    return done;
}

static void take(struct channel *channel, const unsigned char *answer, unsigned length,
                 uint64_t now, uint64_t end)
{
    uint16_t id = answer[0] << 8 | answer[1];
    if (length < 12 || !(answer[2] & 0x80) || !channel->sent_at[id]) {
        bad++;
        return;
    }
    histogram[bucket_of(now - channel->sent_at[id])]++;
    channel->sent_at[id] = 0;
    channel->outstanding--;
    rcodes[answer[3] & 15]++;
    received++;
    in_time += now <= end;
}

static int receive_some(struct channel *channel, uint64_t end)
{
    static unsigned char buffer[BATCH][SIZE];
    struct mmsghdr message[BATCH];
    struct iovec part[BATCH];
    int total = 0, count;

    do {
        memset(message, 0, sizeof message);
        for (int i = 0; i < BATCH; i++) {
            part[i] = (struct iovec){buffer[i], SIZE};
            message[i].msg_hdr.msg_iov = &part[i];
            message[i].msg_hdr.msg_iovlen = 1;
        }
        count = recvmmsg(channel->fd, message, BATCH, MSG_DONTWAIT, NULL);
        uint64_t now = now_ns();
        for (int i = 0; i < count; i++)
            take(channel, buffer[i], message[i].msg_len, now, end);
        total += count > 0 ? count : 0;
    } while (count == BATCH);
    return total;
}

static void expire(struct channel *channel, uint64_t now)
{
    for (; channel->tail != channel->head; channel->tail++) {
        uint64_t at = channel->sent_at[channel->tail];
        if (at && now - at < TIMEOUT)
            return;
        if (at) {
            channel->sent_at[channel->tail] = 0;
            channel->outstanding--;
            lost++;
        }
    }
}

static void run(int count, int window, double rate, uint64_t length)
{
    uint64_t start = now_ns(), end = start + length, now = start, swept = start;
    int outstanding = 0, turn = 0;

    while (now < end || (outstanding && now < end + TIMEOUT)) {
        int moved = 0, due = 0;
        if (rate > 0 && now < end) {
            double behind = (now - start) * rate / 1e9 - sent;
            due = behind < 0 ? 0 : behind > count * BATCH ? count * BATCH : (int)behind;
        }
        outstanding = 0;
        for (int i = 0; i < count; i++) {
            struct channel *channel = &channels[(i + turn) % count];
            moved += receive_some(channel, end);
            int wanted = rate > 0 ? (due + count - 1 - i) / count
                                  : (window + i) / count - channel->outstanding;
            if (now < end && wanted > 0)
                moved += send_some(channel, wanted);
            outstanding += channel->outstanding;
        }
        turn++;
        now = now_ns();
        if (now - swept > SECOND / 20) {
            swept = now;
            for (int i = 0; i < count; i++)
                expire(&channels[i], now);
        }
        if (!moved) {
            uint64_t nap = rate > 0 ? (uint64_t)(1e9 / rate) : IDLE;
            struct timespec wait = {0, nap < 20000 ? 20000 : nap > IDLE ? IDLE : nap};
            ppoll(polls, count, &wait, NULL);
            now = now_ns();
        }
    }
    for (int i = 0; i < count; i++)
        expire(&channels[i], now + TIMEOUT);
}

static void print(double seconds)
{
    printf("{\"sent\": %lu, \"received\": %lu, \"lost\": %lu, \"bad\": %lu, \"seconds\": %.3f, "
           "\"qps\": %.1f, \"p50\": %.9f, \"p90\": %.9f, \"p99\": %.9f, \"p999\": %.9f, "
           "\"rcodes\": {",
           sent, received, lost, bad, seconds, in_time / seconds, percentile(0.5),
           percentile(0.9), percentile(0.99), percentile(0.999));
    const char *comma = "";
    for (int i = 0; i < 16; i++)
        if (rcodes[i]) {
            printf("%s\"%d\": %lu", comma, i, rcodes[i]);
            comma = ", ";
        }
    printf("}}\n");
}

int main(int argc, char **argv)
{
    char kind[16] = "raw";
    if (argc < 7) {
        fprintf(stderr, "usage: blast PORT FILE SECONDS SOCKETS WINDOW RATE [OFFSET:LENGTH:KIND]\n");
        return 2;
    }
    double seconds = atof(argv[3]);
    int count = atoi(argv[4]);
    if (argc > 7 && sscanf(argv[7], "%d:%d:%15s", &fresh_offset, &fresh_length, kind) != 3)
        return 2;
    if (count < 1 || count > SOCKETS || fresh_length > 64)
        return 2;
    fresh_letters = strcmp(kind, "letters") == 0;
    load(argv[2]);
    open_channels(count, atoi(argv[1]));
    run(count, atoi(argv[5]), atof(argv[6]), (uint64_t)(seconds * 1e9));
    print(seconds);
    return 0;
}
