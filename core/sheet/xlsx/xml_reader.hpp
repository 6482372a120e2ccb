// XML as events, by expat in steps (here only). Refuses document type declarations, so that no
// entity is ever defined or fetched, deep nesting and huge tags. Names come without their
// namespace. The text is UTF-8 or UTF-16, as its declaration says.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/encoding/text_stream.hpp"

namespace rootlet {

// Of one element; valid during begin().
class XmlAttributes {
 public:
  explicit XmlAttributes(const char** list) : list_(list) {}
  // "" if there is none.
  std::string_view value(std::string_view name) const;

 private:
  const char** list_;
};

class XmlEvents {
 public:
  virtual ~XmlEvents() = default;
  // `depth` 1 is the root element. An error ends the reading.
  virtual Status begin(int depth, std::string_view name, const XmlAttributes& attributes) = 0;
  virtual Status end(int depth, std::string_view name) = 0;
  virtual Status text(int depth, std::string_view piece) = 0;  // inside the element of `depth`
};

class XmlReader {
 public:
  // `events` must outlive this. Errors begin with `what`.
  XmlReader(TextSource source, std::string what, XmlEvents& events);
  XmlReader(XmlReader&&) noexcept;
  XmlReader& operator=(XmlReader&&) = delete;
  ~XmlReader();

  // Goes on until events call pause(), then true; false at the end of the document. After an error
  // it is at its end.
  Result<bool> next();
  // To the end.
  Status read_all();
  // From inside an event: next() returns after it.
  void pause();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace rootlet
