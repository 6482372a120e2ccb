// URLs: RFC 3986.
#include <algorithm>
#include <filesystem>

#include "core/format/percent.hpp"
#include "sync/wire/client/http.hpp"

namespace rootlet {
namespace {

std::string_view without_trailing_slashes(std::string_view text) {
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

bool is_clean(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

Result<std::string> folder_url(std::string_view folder) {
  namespace fs = std::filesystem;
  std::error_code failed;
  const fs::path path = fs::absolute(fs::path(folder), failed).lexically_normal();
  if (failed || !fs::is_directory(path, failed)) {
    return bad_input(
        "neither an http, https or file URL nor an existing folder", "url",
        {.en = "Give a URL that begins with http://, https:// or file://, or a folder.",
         .zh = "请填写以 http://、https:// 或 file:// 开头的地址，或一个已有的文件夹。"});
  }
  return "file://" + percent_encode(without_trailing_slashes(path.string()), "/");
}

}  // namespace

std::string join_url(std::string_view base, std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(without_trailing_slashes(base)) + "/" + std::string(path);
}

Result<std::string> repository_url(std::string_view url_or_folder) {
  const std::size_t scheme_end = url_or_folder.find("://");
  if (scheme_end == std::string_view::npos) return folder_url(url_or_folder);
  const std::string_view scheme = url_or_folder.substr(0, scheme_end);
  const std::string_view rest = without_trailing_slashes(url_or_folder.substr(scheme_end + 3));
  const bool known = scheme == "http" || scheme == "https" || scheme == "file";
  const bool query = rest.find_first_of("?#") != std::string_view::npos;
  if (!known || rest.empty() || query || !is_clean(rest)) {
    return bad_input("not an http, https or file URL of a repository", "url");
  }
  if ((scheme == "file") != rest.starts_with('/')) {
    return bad_input("a URL needs a host, a file URL an absolute path", "url");
  }
  return std::string(scheme) + "://" + std::string(rest);
}

}  // namespace rootlet
