// The body of an answer for Beast: bytes in memory, or a span of an open file, read in pieces. For
// this room only.
#pragma once

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cerrno>
#include <utility>

#include "core/bytes.hpp"
#include "sync/wire/server/reply.hpp"

namespace rootlet::http {

struct PayloadBody {
  static constexpr std::size_t kPieceBytes = 32 * 1024;

  using value_type = std::variant<Bytes, FileSpan>;

  static std::uint64_t size(const value_type& value) {
    const auto* span = std::get_if<FileSpan>(&value);
    return span != nullptr ? span->length : std::get<Bytes>(value).size();
  }

  class writer {
   public:
    using const_buffers_type = boost::asio::const_buffer;
    using Piece = boost::optional<std::pair<const_buffers_type, bool>>;  // bool: more to come

    template <bool kIsRequest, class Fields>
    writer(const boost::beast::http::header<kIsRequest, Fields>&, value_type& value)
        : value_(value) {}

    void init(boost::beast::error_code& failed) { failed = {}; }

    Piece get(boost::beast::error_code& failed) {
      failed = {};
      if (auto* span = std::get_if<FileSpan>(&value_)) return next_of_file(*span, failed);
      const Bytes& bytes = std::get<Bytes>(value_);
      if (bytes.empty()) return boost::none;
      return {{const_buffers_type(bytes.data(), bytes.size()), false}};
    }

   private:
    Piece next_of_file(FileSpan& span, boost::beast::error_code& failed) {
      if (span.length == 0) return boost::none;
      piece_.resize(std::min<std::uint64_t>(kPieceBytes, span.length));
      const ssize_t got =
          ::pread(span.file.get(), piece_.data(), piece_.size(), static_cast<off_t>(span.offset));
      if (got <= 0) {
        // The file became shorter than the promised Content-Length: break the connection.
        failed.assign(got < 0 ? errno : EIO, boost::system::system_category());
        return boost::none;
      }
      const auto count = static_cast<std::size_t>(got);
      span.offset += count;
      span.length -= count;
      return {{const_buffers_type(piece_.data(), count), span.length > 0}};
    }

    value_type& value_;
    Bytes piece_ = {};
  };
};

}  // namespace rootlet::http
