// Names of roles and targets: how they become file names and addresses, and which delegations cover
// them (specification 4.5). No name can escape its folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace rootlet {

// Every byte outside A-Z a-z 0-9 _ . - ~ as %XX, so that a name is one path segment.
std::string quote_name(std::string_view name);

// "<quoted role>.json"; kUntrusted if it is too long for a file system.
Result<std::string> metadata_file_name(std::string_view role);

// A target's file name in the download folder: quoted and never hidden. A name too long for a file
// system becomes "sha256=<hex of the name>".
std::string target_file_name(std::string_view target_path);

// A target's address below the base address of targets, with `hash_prefix` (may be empty) before
// its last segment (specification 6.2.1). A target path is already written as an address (4.5), so
// only characters that no address may contain are quoted. kUntrusted for "." and ".." segments.
Result<std::string> target_address(std::string_view target_path, std::string_view hash_prefix);

// PATHPATTERN of 4.5: shell wildcards `*`, `?` and `[…]`, none of which matches a slash.
bool path_matches(std::string_view pattern, std::string_view path);

// True if the SHA-256 of `path` in hex begins with one of `prefixes`.
bool hash_prefix_matches(const std::vector<std::string>& prefixes, std::string_view path);

}  // namespace rootlet
