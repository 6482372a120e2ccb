// What the commands share that make the next root: they sign and publish it at once with the root
// keys that are here, or write a draft that travels to the holders.
#pragma once

#include <functional>

#include "platform/cli/cli.hpp"
#include "platform/keys/root_ceremony.hpp"

namespace rootlet::platform {

// --key, --passphrase-file and --out.
std::vector<OptionSpec> root_signing_options();

// kUsage unless the options say how the root is signed.
Status check_signing_given(const CommandRun& run);

// `change_in` says what changes, once the realm is open. `more` are new keys that sign too. Reports
// what was done.
using ChangeMaker = std::function<Result<RootChange>(Realm&)>;
Status change_or_draft(const CommandRun& run, const ChangeMaker& change_in,
                       std::vector<SigningKey> more = {});

// The keys in the files of --key, opened by --passphrase-file, or asked for on a terminal.
Result<std::vector<SigningKey>> given_root_keys(const CommandRun& run);

// "  - sentence" for each.
std::string listed(const CommandRun& run, const std::vector<Text>& lines);
json::array json_lines(const CommandRun& run, const std::vector<Text>& lines);

}  // namespace rootlet::platform
