// The socket at which the daemon waits for commands: the one that systemd passed (sd_listen_fds(3),
// the unit rootlet.socket), else one that this process makes. A socket that differs from the
// settings is refused with the reason, so that nobody waits at another door than the commands use.
#pragma once

#include <optional>
#include <string>

#include "core/file/descriptor.hpp"
#include "core/file/file.hpp"

namespace rootlet::agent {

struct SocketOptions {
  fs::path path;
  std::string group;  // whose members may connect; empty: every user may, and roles decide
};

struct ListeningSocket {
  UniqueFd descriptor;
  fs::path path;
  bool is_ours = true;  // false: systemd made the file at `path`, and removes it
};

// True if systemd started this process for a socket that it holds open. Then a connection to the
// socket says nothing about a daemon: systemd accepts it before there is one.
bool socket_was_passed();

// Requires the home's lock: an own socket replaces the file that a dead process left behind, and
// gets mode 0666, or 0660 with a group. kUsage if the group does not exist, cannot be given the
// socket, or if systemd's socket is not the one that `options` describe.
Result<ListeningSocket> open_listening_socket(const SocketOptions& options);

// The same without looking at what systemd passed: for a second socket.
Result<ListeningSocket> make_listening_socket(const SocketOptions& options);

std::optional<gid_t> find_group(const std::string& name);

// The group's name, or its number if it has none.
std::string group_name(gid_t gid);

}  // namespace rootlet::agent
