// SPDX-License-Identifier: Apache-2.0
#ifndef BATON_CNGTCP2_DATAGRAM_H
#define BATON_CNGTCP2_DATAGRAM_H

/*
 * What can't be written in Swift: control messages are built with function-like macros, and Swift attributes the fields
 * of structures from headers without a module map to the module that included them first.
 */

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* CLOCK_MONOTONIC in nanoseconds. */
static inline uint64_t cngtcp2_monotonic_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline size_t cngtcp2_control(unsigned char *space, size_t used, int level, int type, const void *value,
                                     size_t size) {
  struct cmsghdr *header = (struct cmsghdr *)(void *)(space + used);
  header->cmsg_level = level;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(header), value, size);
  return used + CMSG_SPACE(size);
}

/*
 * Sends `count` bytes to `remote`. With a `segment` other than 0 the kernel splits them into datagrams of that size
 * (UDP_SEGMENT). With a `source` they leave from that address. Returns 0 or the error number.
 */
static inline int cngtcp2_send(int descriptor, const void *bytes, size_t count, uint16_t segment,
                               const struct sockaddr *remote, socklen_t remote_length, const struct sockaddr *source) {
  const int udp = 17, udp_segment = 103, ip_pktinfo = 8, ipv6_pktinfo = 50;
  struct {
    struct in6_addr address;
    unsigned interface_index;
  } info6;
  struct {
    int interface_index;
    struct in_addr source, unused;
  } info4;
  union {
    struct cmsghdr alignment;
    unsigned char space[128];
  } control;
  struct iovec vector = {(void *)(uintptr_t)bytes, count};
  struct msghdr message;
  size_t used = 0;

  memset(&control, 0, sizeof(control));
  memset(&message, 0, sizeof(message));
  memset(&info4, 0, sizeof(info4));
  memset(&info6, 0, sizeof(info6));
  if (segment != 0) {
    used = cngtcp2_control(control.space, used, udp, udp_segment, &segment, sizeof(segment));
  }
  if (source != NULL && source->sa_family == AF_INET) {
    info4.source = ((const struct sockaddr_in *)(const void *)source)->sin_addr;
    used = cngtcp2_control(control.space, used, IPPROTO_IP, ip_pktinfo, &info4, sizeof(info4));
  } else if (source != NULL && source->sa_family == AF_INET6) {
    info6.address = ((const struct sockaddr_in6 *)(const void *)source)->sin6_addr;
    used = cngtcp2_control(control.space, used, IPPROTO_IPV6, ipv6_pktinfo, &info6, sizeof(info6));
  }
  message.msg_name = (void *)(uintptr_t)remote;
  message.msg_namelen = remote_length;
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  message.msg_control = used != 0 ? control.space : NULL;
  message.msg_controllen = used;
  while (sendmsg(descriptor, &message, 0) < 0) {
    if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

#endif
