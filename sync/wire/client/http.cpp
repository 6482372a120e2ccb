// libcurl options and callbacks: docs at https://curl.se/libcurl/c/. What arrives goes to Answer.
#include "sync/wire/client/http.hpp"

#include <curl/curl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <climits>
#include <cstdio>
#include <cstdlib>

#include "sync/wire/client/answer.hpp"
#include "sync/wire/client/local_file.hpp"

namespace rootlet {
namespace {

constexpr long kReceiveBufferBytes = 64 * limits::kKiB;
constexpr long kSmallestBufferBytes = 1024;  // libcurl's own minimum
constexpr int kSmallestSocketBytes = 4096;   // of a limited link: what the kernel reads ahead
constexpr char kUserAgent[] = "rootlet/" ROOTLET_VERSION;

void start_curl_once() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) std::abort();  // out of memory at start
}

// One send() while it runs.
struct Transfer {
  Answer answer;
  const std::atomic<bool>* stopped;
  Traffic* traffic;
  RateLimit* rate;    // null: not limited
  ByteView to_send;   // what is left of the request's body
  ByteView all_sent;  // the whole body, for a redirect

  void keep_to_rate() const {
    if (rate != nullptr) rate->wait([this] { return stopped->load(std::memory_order_relaxed); });
  }
};

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user) {
  const std::string_view line(data, size * count);
  return static_cast<Transfer*>(user)->answer.take_header_line(line) ? line.size() : 0;
}

std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user) {
  const ByteView piece(reinterpret_cast<const std::uint8_t*>(data), size * count);
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.keep_to_rate();
  return transfer.answer.take_body(piece) ? piece.size() : 0;
}

std::size_t on_send(char* data, std::size_t size, std::size_t count, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  transfer.keep_to_rate();
  std::size_t bytes = std::min(size * count, transfer.to_send.size());
  if (transfer.rate != nullptr) bytes = std::min(bytes, transfer.rate->piece_bytes());
  std::copy_n(transfer.to_send.begin(), bytes, data);
  transfer.to_send = transfer.to_send.subspan(bytes);
  return bytes;
}

// libcurl sends the body again after a redirect or on a fresh connection.
int on_seek(void* user, curl_off_t offset, int origin) {
  auto& transfer = *static_cast<Transfer*>(user);
  const auto size = static_cast<curl_off_t>(transfer.all_sent.size());
  if (origin != SEEK_SET || offset < 0 || offset > size) return CURL_SEEKFUNC_FAIL;
  transfer.to_send = transfer.all_sent.subspan(static_cast<std::size_t>(offset));
  return CURL_SEEKFUNC_OK;
}

// Small buffers on a limited link: otherwise the kernel would take in at full speed what the
// transfer then reads slowly.
int on_socket(void* user, curl_socket_t socket, curlsocktype) {
  const auto& rate = *static_cast<const RateLimit*>(user);
  const int bytes = std::max(kSmallestSocketBytes, static_cast<int>(rate.piece_bytes()));
  for (const int option : {SO_RCVBUF, SO_SNDBUF}) {
    // A kernel that refuses keeps its own size: the rate still holds on average.
    static_cast<void>(::setsockopt(socket, SOL_SOCKET, option, &bytes, sizeof bytes));
  }
  return CURL_SOCKOPT_OK;
}

int on_progress(void* user, curl_off_t, curl_off_t down, curl_off_t, curl_off_t) {
  auto& transfer = *static_cast<Transfer*>(user);
  const bool go_on = !transfer.stopped->load(std::memory_order_relaxed) &&
                     transfer.answer.allow_total(static_cast<std::uint64_t>(down));
  return go_on ? 0 : 1;
}

// Counts the traffic; prints nothing.
int on_wire(CURL*, curl_infotype kind, char* data, std::size_t size, void* user) {
  const auto& transfer = *static_cast<Transfer*>(user);
  Traffic& traffic = *transfer.traffic;
  const std::uint64_t before = traffic.bytes_down + traffic.bytes_up;
  const bool down = kind == CURLINFO_HEADER_IN || kind == CURLINFO_DATA_IN;
  const bool up = kind == CURLINFO_HEADER_OUT || kind == CURLINFO_DATA_OUT;
  if (down || kind == CURLINFO_SSL_DATA_IN) traffic.bytes_down += size;
  if (up || kind == CURLINFO_SSL_DATA_OUT) traffic.bytes_up += size;
  if (transfer.rate != nullptr) {
    transfer.rate->spend(traffic.bytes_down + traffic.bytes_up - before);
  }
  const bool request = kind == CURLINFO_HEADER_OUT &&
                       std::string_view(data, size).find(" HTTP/1.") != std::string_view::npos;
  if (request) ++traffic.requests;
  return 0;
}

// Scheme and host for messages: enough to find the fault, without path and password.
std::string place_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return "the server";
  std::string_view authority = url.substr(scheme + 3);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) authority.remove_prefix(at + 1);
  return std::string(url.substr(0, scheme + 3)) + std::string(authority);
}

ErrorCode code_for(CURLcode code) {
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return ErrorCode::kUntrusted;
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return ErrorCode::kUsage;
    case CURLE_URL_MALFORMAT:
      return ErrorCode::kBadInput;
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kUnreachable;
  }
}

// What a person can do about a failure of the link, where libcurl's words do not say it.
Text hint_for(CURLcode code, const std::string& proxy) {
  const Text kept{
      .en = "Local data and unsent records are kept; the agent tries again automatically. ",
      .zh = "本地数据和待发记录都在，程序会自动重试。"};
  const auto with_kept = [&](const std::string& en, const std::string& zh) {
    return Text{.en = kept.en + en, .zh = kept.zh + zh};
  };
  switch (code) {
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {.en = "The name of the proxy " + proxy +
                    " is not known. Correct the setting `proxy` "
                    "(rootlet check-config shows where it comes from).",
              .zh = "代理 " + proxy +
                    " 的名称无法解析。请更正设置项 proxy"
                    "（rootlet check-config 可查看其来源）。"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return with_kept(
          "The name is not known here: check the cable, the network's DNS and the address.",
          "无法解析该名称：请检查网线、本地 DNS 和地址。");
    case CURLE_COULDNT_CONNECT:
      if (proxy.empty()) return {};
      return with_kept(
          "The setting `proxy` sends requests through " + proxy +
              ": check that it runs, or remove the setting.",
          "设置项 proxy 规定经由 " + proxy + " 访问：请检查代理是否运行，或去掉该设置。");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
      return {
          .en =
              "Nothing was sent or taken in. The server's certificate does not hold here: check "
              "this machine's clock, then the setting `ca_file`; on a network that inspects TLS, "
              "its certificate must be in that file.",
          .zh =
              "没有收发任何内容。服务器证书在本机无效：请先核对本机时钟，再检查设置项 ca_file；"
              "若网络会解密 TLS，须将其证书加入该文件。"};
    default:
      return {};
  }
}

// Header fields of a request; rejects values with control characters, which could begin another
// line.
class HeaderLines {
 public:
  ~HeaderLines() { curl_slist_free_all(lines_); }
  HeaderLines() = default;
  HeaderLines(const HeaderLines&) = delete;
  HeaderLines& operator=(const HeaderLines&) = delete;

  Status add(std::string_view name, std::string_view value) {
    const bool clean = std::all_of(value.begin(), value.end(), [](char c) {
      return static_cast<unsigned char>(c) >= ' ' && c != '\x7f';
    });
    if (!clean) return bad_input("a header value holds control characters", std::string(name));
    return append(std::string(name) + ": " + std::string(value));
  }
  // For fields that libcurl adds by default: they cost bytes and say nothing.
  Status leave_out(std::string_view name) { return append(std::string(name) + ":"); }
  curl_slist* get() const { return lines_; }

 private:
  Status append(const std::string& line) {
    curl_slist* longer = curl_slist_append(lines_, line.c_str());
    if (longer == nullptr) return fail(ErrorCode::kInternal, "out of memory for HTTP headers");
    lines_ = longer;
    return ok();
  }
  curl_slist* lines_ = nullptr;
};

// libcurl 7.88 also signs the fields that are left out, which no server then finds.
Status add_headers(HeaderLines& lines, const HttpRequest& request) {
  if (!request.signing) {
    ROOTLET_TRY(lines.leave_out("Accept"));
  }
  if (!request.if_none_match.empty()) {
    ROOTLET_TRY(lines.add("If-None-Match", request.if_none_match));
  }
  if (!request.if_range.empty()) {
    ROOTLET_TRY(lines.add("If-Range", request.if_range));
  }
  if (request.body) {
    if (!request.signing) {
      ROOTLET_TRY(lines.leave_out("Expect"));
    }
    ROOTLET_TRY(lines.add("Content-Type", request.content_type));
  }
  for (const auto& [name, value] : request.fields) {
    ROOTLET_TRY(lines.add(name, value));
  }
  return ok();
}

void set_trust(CURL* curl, const HttpOptions& options) {
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (options.ca_pem.empty() && options.ca_file.empty()) return;
  // The pinned authority alone: by default libcurl would also use the system's folder.
  curl_easy_setopt(curl, CURLOPT_CAPATH, nullptr);
  if (options.ca_pem.empty()) {
    curl_easy_setopt(curl, CURLOPT_CAINFO, options.ca_file.c_str());
    return;
  }
  curl_blob blob{const_cast<char*>(options.ca_pem.data()), options.ca_pem.size(), CURL_BLOB_COPY};
  curl_easy_setopt(curl, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &blob);
}

void set_bounds(CURL* curl, const HttpOptions& options, const HttpRequest& request) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options.connect_time.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, static_cast<long>(request.total_time.count()));
  const auto rate = options.rate ? static_cast<long>(options.rate->bytes_per_second()) : LONG_MAX;
  // Half of the allowed rate: a link that is only held back has not stalled.
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT,
                   std::clamp(rate / 2, 1L, limits::kStallBytesPerSecond));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_time.count()));
  if (options.rate == nullptr) {
    curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, kReceiveBufferBytes);
    return;
  }
  const auto piece = static_cast<long>(options.rate->piece_bytes());
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE,
                   std::clamp(piece, kSmallestBufferBytes, kReceiveBufferBytes));
  curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_socket);
  curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, options.rate.get());
}

void set_redirects(CURL* curl, const HttpRequest& request) {
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  // Never from TLS down to plain text.
  const bool tls = request.url.starts_with("https:");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, tls ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, request.signing ? 0L : 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, static_cast<long>(limits::kRedirects));
  curl_easy_setopt(curl, CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
}

void set_callbacks(CURL* curl, Transfer& transfer) {
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_send);
  curl_easy_setopt(curl, CURLOPT_READDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
  curl_easy_setopt(curl, CURLOPT_SEEKDATA, &transfer);
  // libcurl's own counters miss bodies of redirects and of cut transfers.
  curl_easy_setopt(curl, CURLOPT_VERBOSE, 1L);
  curl_easy_setopt(curl, CURLOPT_DEBUGFUNCTION, on_wire);
  curl_easy_setopt(curl, CURLOPT_DEBUGDATA, &transfer);
}

void set_request(CURL* curl, const HttpRequest& request, const HeaderLines& lines) {
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  // The program's name goes with polls and with what is sent. Packs are fetched by range, in a
  // dozen requests that would cost as much as a pack to say it again.
  const bool has_range = request.range_from || request.range_to;
  curl_easy_setopt(curl, CURLOPT_USERAGENT, has_range ? nullptr : kUserAgent);
  curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, lines.get());
  if (has_range) {
    const std::string last = request.range_to ? std::to_string(*request.range_to) : "";
    const std::string range = std::to_string(request.range_from.value_or(0)) + "-" + last;
    curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
  }
  if (request.body) {
    const auto size = static_cast<curl_off_t>(request.body->size());
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, size);
  }
  if (!request.method.empty()) {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void set_signing(CURL* curl, const HttpSigning& signing) {
  curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, signing.scope.c_str());
  curl_easy_setopt(curl, CURLOPT_USERNAME, signing.key_id.c_str());
  curl_easy_setopt(curl, CURLOPT_PASSWORD, signing.secret.c_str());
}

}  // namespace

struct HttpClient::Impl {
  HttpOptions options;
  CURL* curl = nullptr;
  Traffic traffic = {};
  std::atomic<bool> stopped = false;

  explicit Impl(HttpOptions given) : options(std::move(given)) {
    start_curl_once();
    curl = curl_easy_init();
    if (curl == nullptr) std::abort();  // out of memory
  }
  ~Impl() { curl_easy_cleanup(curl); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<HttpResponse> send_over_network(const HttpRequest& request);
  Result<HttpResponse> send_to_folder(const HttpRequest& request);
  Result<HttpResponse> finish(CURLcode code, const std::string& url, Answer& answer);
};

Result<HttpResponse> HttpClient::Impl::send_over_network(const HttpRequest& request) {
  HeaderLines lines;
  ROOTLET_TRY(add_headers(lines, request));
  const ByteView body = request.body ? ByteView(*request.body) : ByteView();
  Transfer transfer{.answer = Answer(request),
                    .stopped = &stopped,
                    .traffic = &traffic,
                    .rate = options.rate.get(),
                    .to_send = body,
                    .all_sent = body};
  transfer.keep_to_rate();
  curl_easy_reset(curl);  // keeps the connection
  set_request(curl, request, lines);
  if (request.signing) set_signing(curl, *request.signing);
  set_bounds(curl, options, request);
  set_redirects(curl, request);
  set_trust(curl, options);
  set_callbacks(curl, transfer);
  if (!options.proxy.empty()) curl_easy_setopt(curl, CURLOPT_PROXY, options.proxy.c_str());
  const CURLcode code = curl_easy_perform(curl);
  Result<HttpResponse> result = finish(code, request.url, transfer.answer);
  curl_easy_reset(curl);  // what it points to goes out of scope
  return result;
}

Result<HttpResponse> HttpClient::Impl::finish(CURLcode code, const std::string& url,
                                              Answer& answer) {
  const std::string place = place_of(url);
  if (stopped) return fail(ErrorCode::kUnreachable, "reach " + place + ": stopped");
  if (code == CURLE_OK) answer.end();
  if (answer.refusal()) return within("read from " + place, *answer.refusal());
  if (code != CURLE_OK && !answer.is_cut()) {
    const std::string through =
        options.proxy.empty() ? "" : " through the proxy " + place_of(options.proxy);
    Error error =
        fail(code_for(code), "reach " + place + through + ": " + curl_easy_strerror(code));
    error.hint = hint_for(code, options.proxy.empty() ? "" : place_of(options.proxy));
    return error;
  }
  HttpResponse response = answer.take();
  if (response.retry_after_seconds == 0) {
    // A date in an answer without a Date field: libcurl compares it with the machine's clock.
    curl_off_t wait = 0;
    curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &wait);
    response.retry_after_seconds = std::clamp<long>(
        static_cast<long>(wait), 0, std::chrono::seconds(limits::kLongestRetryAfter).count());
  }
  return response;
}

// Counted like a link, so that progress and reports work for a courier too.
Result<HttpResponse> HttpClient::Impl::send_to_folder(const HttpRequest& request) {
  ++traffic.requests;
  HttpRequest counted = request;
  if (request.on_data) {
    counted.on_data = [&](ByteView piece) -> Status {
      if (stopped) return fail(ErrorCode::kUnreachable, "read a local repository: stopped");
      traffic.bytes_down += piece.size();
      return request.on_data(piece);
    };
  }
  ROOTLET_TRY(HttpResponse response, read_local_file(counted));
  traffic.bytes_down += response.body.size();
  return response;
}

HttpClient::HttpClient(HttpOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

Result<HttpResponse> HttpClient::send(const HttpRequest& request) {
  if (impl_->stopped) return fail(ErrorCode::kUnreachable, "the connection was stopped");
  if (is_local_url(request.url)) return impl_->send_to_folder(request);
  return impl_->send_over_network(request);
}

const Traffic& HttpClient::traffic() const {
  return impl_->traffic;
}

void HttpClient::stop() {
  impl_->stopped = true;
}

}  // namespace rootlet
