/* The floor: answers each datagram with itself, QR set; recvmmsg and sendmmsg, one thread.
 * usage: echo PORT */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, SIZE = 2048 };

int main(int argc, char **argv)
{
    static unsigned char buffer[BATCH][SIZE];
    static struct sockaddr_in peer[BATCH];
    static struct iovec part[BATCH];
    static struct mmsghdr message[BATCH];
    struct sockaddr_in address = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM, 0), room = 4 << 20;

    address.sin_port = htons(argc > 1 ? atoi(argv[1]) : 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        perror("bind");
        return 1;
    }
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            part[i] = (struct iovec){buffer[i], SIZE};
            message[i].msg_hdr = (struct msghdr){
                .msg_name = &peer[i], .msg_namelen = sizeof peer[i],
                .msg_iov = &part[i], .msg_iovlen = 1};
        }
        int count = recvmmsg(fd, message, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < count; i++) {
            buffer[i][2] |= 0x80;
            part[i].iov_len = message[i].msg_len;
        }
        if (count > 0)
            sendmmsg(fd, message, count, 0);
    }
}
