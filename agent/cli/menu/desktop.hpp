// The person's desktop: opening an address in the browser, and showing a failure to somebody who
// started the program from the menu and has no terminal.
#pragma once

#include <string>

#include "core/file/file.hpp"
#include "core/text.hpp"

namespace rootlet::agent {

// True if xdg-open accepted the address. False without a screen.
bool open_in_browser(const std::string& address);

// The error, its rule and what to do, as a whole page. Pure.
std::string failure_page(const Error& error, Language language);

// Writes the page into `folder`, which only this user may read, and opens it; if no browser does, a
// notification of the desktop says the error. False if nothing could be shown.
bool show_failure(const Error& error, Language language, const fs::path& folder);

// Of this user and for this session: $XDG_RUNTIME_DIR/rootlet, else ~/.cache/rootlet. Empty if the
// environment names neither.
fs::path page_folder();

}  // namespace rootlet::agent
