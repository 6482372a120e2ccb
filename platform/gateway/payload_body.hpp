// The body of an answer for Beast: bytes in memory, or a span of an open file read piece by piece.
// Inside platform/gateway only.
#pragma once

#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/optional.hpp>
#include <cerrno>
#include <utility>

#include "core/bytes.hpp"
#include "platform/gateway/files.hpp"

namespace rootlet::platform::gateway {

struct PayloadBody {
  static constexpr std::size_t kPieceBytes = 32 * 1024;

  struct value_type {
    Bytes bytes = {};
    FileHandle file = {};  // if open, it is the body, not `bytes`
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
  };

  static std::uint64_t size(const value_type& value) {
    return value.file.is_open() ? value.length : value.bytes.size();
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
      if (value_.file.is_open()) return next_of_file(failed);
      if (value_.bytes.empty()) return boost::none;
      return {{const_buffers_type(value_.bytes.data(), value_.bytes.size()), false}};
    }

   private:
    Piece next_of_file(boost::beast::error_code& failed) {
      if (value_.length == 0) return boost::none;
      piece_.resize(std::min<std::uint64_t>(kPieceBytes, value_.length));
      const ssize_t got = ::pread(value_.file.get(), piece_.data(), piece_.size(),
                                  static_cast<off_t>(value_.offset));
      if (got <= 0) {  // the file became shorter: the connection must break, not the promise
        failed.assign(got < 0 ? errno : EIO, boost::system::system_category());
        return boost::none;
      }
      const auto count = static_cast<std::size_t>(got);
      value_.offset += count;
      value_.length -= count;
      return {{const_buffers_type(piece_.data(), count), value_.length > 0}};
    }

    value_type& value_;
    Bytes piece_ = {};
  };
};

}  // namespace rootlet::platform::gateway
