#include "core/sheet/xlsx/xml_reader.hpp"

#include <expat.h>

#include <optional>

#include "core/sheet/xlsx/xlsx_limits.hpp"

namespace rootlet {
namespace {

constexpr char kNamespaceEnd = '\n';  // stands in no name
constexpr int kPieceBytes = 32 * 1024;

std::string_view local_name(const char* name) {
  const std::string_view whole(name);
  const std::size_t end = whole.rfind(kNamespaceEnd);
  return end == std::string_view::npos ? whole : whole.substr(end + 1);
}

}  // namespace

std::string_view XmlAttributes::value(std::string_view name) const {
  for (const char** at = list_; *at != nullptr; at += 2) {
    if (local_name(at[0]) == name) return at[1];
  }
  return {};
}

struct XmlReader::State {
  State(TextSource the_source, std::string the_what, XmlEvents& the_events)
      : source(std::move(the_source)),
        what(std::move(the_what)),
        events(the_events),
        parser(::XML_ParserCreateNS(nullptr, kNamespaceEnd)) {
    if (parser == nullptr) return;
    ::XML_SetUserData(parser, this);
    ::XML_SetElementHandler(parser, begin, end);
    ::XML_SetCharacterDataHandler(parser, text);
    ::XML_SetStartDoctypeDeclHandler(parser, doctype);
  }
  ~State() {
    if (parser != nullptr) ::XML_ParserFree(parser);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void take(const Status& status) {
    if (status.has_error()) stop(status.error());
  }
  void stop(Error error) {
    if (!failure) failure = std::move(error);
    ::XML_StopParser(parser, XML_FALSE);
  }
  Error refusal(std::string_view detail) const {
    return bad_input(what + ": " + std::string(detail), what,
                     {.en = "Open it in a spreadsheet and save it again as .xlsx.",
                      .zh = "工作簿内容不合规范，请用表格软件打开后重新另存为 .xlsx。"});
  }

  // After a failure expat may still have events of the same tag.
  static void begin(void* self, const char* name, const char** attributes) {
    auto& state = *static_cast<State*>(self);
    if (state.failure) return;
    if (++state.depth > limits::kXmlDepth)
      return state.stop(state.refusal("elements lie too deep"));
    state.take(state.events.begin(state.depth, local_name(name), XmlAttributes(attributes)));
  }
  static void end(void* self, const char* name) {
    auto& state = *static_cast<State*>(self);
    if (state.failure) return;
    state.take(state.events.end(state.depth, local_name(name)));
    --state.depth;
  }
  static void text(void* self, const char* piece, int bytes) {
    auto& state = *static_cast<State*>(self);
    if (state.failure) return;
    state.take(state.events.text(state.depth, {piece, static_cast<std::size_t>(bytes)}));
  }
  static void doctype(void* self, const char*, const char*, const char*, int) {
    auto& state = *static_cast<State*>(self);
    state.stop(state.refusal("it declares a document type, which may hide entities"));
  }

  Result<XML_Status> feed() {
    void* space = ::XML_GetBuffer(parser, kPieceBytes);
    if (space == nullptr) return fail(ErrorCode::kInternal, what + ": no memory");
    ROOTLET_TRY(const std::size_t bytes,
                source({static_cast<char*>(space), static_cast<std::size_t>(kPieceBytes)}));
    fed += bytes;
    is_last = bytes == 0;
    return ::XML_ParseBuffer(parser, static_cast<int>(bytes), is_last ? XML_TRUE : XML_FALSE);
  }
  // Expat reads an unfinished tag again from its beginning each time.
  Status check_progress() const {
    const XML_Index at = ::XML_GetCurrentByteIndex(parser);
    const bool stuck = at >= 0 && fed > static_cast<std::size_t>(at) + limits::kXmlTagBytes;
    return stuck ? Status(refusal("a tag is longer than 256 KiB")) : ok();
  }
  Error syntax_error() const {
    return refusal("line " + std::to_string(::XML_GetCurrentLineNumber(parser)) + ": " +
                   ::XML_ErrorString(::XML_GetErrorCode(parser)));
  }

  TextSource source;
  std::string what;
  XmlEvents& events;
  XML_Parser parser;
  int depth = 0;
  std::size_t fed = 0;
  bool is_last = false, is_paused = false, ended = false;
  std::optional<Error> failure;
};

XmlReader::XmlReader(TextSource source, std::string what, XmlEvents& events)
    : state_(std::make_unique<State>(std::move(source), std::move(what), events)) {}
XmlReader::XmlReader(XmlReader&&) noexcept = default;
XmlReader::~XmlReader() = default;

void XmlReader::pause() {
  ::XML_StopParser(state_->parser, XML_TRUE);
}

Result<bool> XmlReader::next() {
  State& state = *state_;
  if (state.parser == nullptr) return fail(ErrorCode::kInternal, state.what + ": no memory");
  while (!state.ended) {
    XML_Status status = XML_STATUS_ERROR;
    if (std::exchange(state.is_paused, false)) {
      status = ::XML_ResumeParser(state.parser);
    } else {
      Result<XML_Status> fed = state.feed();
      state.ended = fed.has_error();
      if (fed.has_error()) return fed.error();
      status = fed.value();
    }
    state.is_paused = status == XML_STATUS_SUSPENDED;
    if (state.is_paused) return true;
    state.ended = status == XML_STATUS_ERROR || state.is_last;
    if (status == XML_STATUS_ERROR) return state.failure ? *state.failure : state.syntax_error();
    if (state.ended) return false;
    const Status moves = state.check_progress();
    state.ended = moves.has_error();
    if (moves.has_error()) return moves.error();
  }
  return false;
}

Status XmlReader::read_all() {
  while (true) {
    ROOTLET_TRY(const bool more, next());
    if (!more) return ok();
  }
}

}  // namespace rootlet
