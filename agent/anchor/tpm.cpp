// libtss2's ESAPI by dlopen: only the types of its headers are used at build time.
#include "agent/anchor/tpm.hpp"

#include <dlfcn.h>
#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include <cstdlib>

#include "core/crypto.hpp"

namespace rootlet::agent {
namespace {

// The owner's range of indexes (TCG registry of reserved handles), and how many random ones are
// tried.
constexpr std::uint32_t kFirstIndex = 0x01800000;
constexpr std::uint32_t kIndexes = 0x00400000;
constexpr int kTries = 8;
constexpr TPMA_NV kCounterAttributes = TPMA_NV_AUTHREAD | TPMA_NV_AUTHWRITE | TPMA_NV_NO_DA |
                                       (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT);

// The functions of libtss2 in use, by their names.
struct Library {
  decltype(&Tss2_TctiLdr_Initialize) open_transport = nullptr;
  decltype(&Tss2_TctiLdr_Finalize) close_transport = nullptr;
  decltype(&Esys_Initialize) open = nullptr;
  decltype(&Esys_Finalize) close = nullptr;
  decltype(&Esys_Free) free = nullptr;
  decltype(&Esys_ReadClock) read_clock = nullptr;
  decltype(&Esys_TR_FromTPMPublic) find = nullptr;
  decltype(&Esys_TR_SetAuth) set_secret = nullptr;
  decltype(&Esys_TR_Close) forget = nullptr;
  decltype(&Esys_NV_DefineSpace) define = nullptr;
  decltype(&Esys_NV_Increment) increment = nullptr;
  decltype(&Esys_NV_Read) read = nullptr;
};

template <class Function>
bool take(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

Result<Library> load_library() {
  // The library writes warnings of its own to stderr; each error is reported here.
  ::setenv("TSS2_LOG", "all+none", 0);
  void* esys = ::dlopen("libtss2-esys.so.0", RTLD_NOW | RTLD_LOCAL);
  void* transport = ::dlopen("libtss2-tctildr.so.0", RTLD_NOW | RTLD_LOCAL);
  Library found;
  const bool is_whole =
      esys != nullptr && transport != nullptr &&
      take(transport, "Tss2_TctiLdr_Initialize", found.open_transport) &&
      take(transport, "Tss2_TctiLdr_Finalize", found.close_transport) &&
      take(esys, "Esys_Initialize", found.open) && take(esys, "Esys_Finalize", found.close) &&
      take(esys, "Esys_Free", found.free) && take(esys, "Esys_ReadClock", found.read_clock) &&
      take(esys, "Esys_TR_FromTPMPublic", found.find) &&
      take(esys, "Esys_TR_SetAuth", found.set_secret) &&
      take(esys, "Esys_TR_Close", found.forget) &&
      take(esys, "Esys_NV_DefineSpace", found.define) &&
      take(esys, "Esys_NV_Increment", found.increment) && take(esys, "Esys_NV_Read", found.read);
  if (is_whole) return found;
  return Error(ErrorCode::kUnreachable, "libtss2-esys.so.0 and libtss2-tctildr.so.0 do not load",
               {},
               {.en = "Install them (Debian: libtss2-esys-3.0.2-0 and libtss2-tcti-device0).",
                .zh = "请安装 libtss2（Debian：libtss2-esys-3.0.2-0 与 libtss2-tcti-device0）。"});
}

std::string hex_of(TSS2_RC code) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (int shift = 28; shift >= 0; shift -= 4) hex.push_back(kDigits[(code >> shift) & 15]);
  return "0x" + hex;
}

Error refused(std::string_view what, TSS2_RC code) {
  return fail(ErrorCode::kUnreachable, "TPM: " + std::string(what) + ": error " + hex_of(code));
}

Error no_answer(const std::string& tcti, TSS2_RC code) {
  return Error(ErrorCode::kUnreachable, "no TPM answers at " + tcti + " (" + hex_of(code) + ")", {},
               {.en = "Is it switched on in the firmware, and may this user open the device? The "
                      "service needs it too: OPERATIONS.md, \"A TPM against copies\".",
                .zh = "请确认固件已启用 TPM 且本用户可访问该设备；服务的设置见 OPERATIONS.md。"});
}

// An answer of the TPM itself, not of a library on the way to it.
bool is_answer(TSS2_RC code) {
  return (code & TSS2_RC_LAYER_MASK) == TSS2_TPM_RC_LAYER;
}

TPM2B_AUTH auth_of(const SymmetricKey& secret) {
  const ByteView bytes = secret.expose();
  TPM2B_AUTH auth{};
  auth.size = static_cast<UINT16>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), auth.buffer);
  return auth;
}

std::uint32_t random_index() {
  std::uint32_t random = 0;
  for (const std::uint8_t byte : random_bytes(4)) random = random << 8 | byte;
  return kFirstIndex + random % kIndexes;
}

}  // namespace

struct Tpm::Connection {
  Library library;
  TSS2_TCTI_CONTEXT* transport = nullptr;
  ESYS_CONTEXT* esys = nullptr;

  ~Connection() {
    if (esys != nullptr) library.close(&esys);
    if (transport != nullptr) library.close_transport(&transport);
  }

  // The counter's object with its secret; ESYS_TR_NONE if this TPM does not have the index.
  Result<ESYS_TR> open(const TpmCounter& counter) {
    ESYS_TR object = ESYS_TR_NONE;
    const TSS2_RC code =
        library.find(esys, counter.index, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &object);
    if (code != TSS2_RC_SUCCESS) {
      if (is_answer(code)) return ESYS_TR_NONE;
      return refused("look for the counter", code);
    }
    const TPM2B_AUTH auth = auth_of(counter.secret);
    const TSS2_RC set = library.set_secret(esys, object, &auth);
    if (set != TSS2_RC_SUCCESS) return refused("open the counter", set);
    return object;
  }
};

Tpm::Tpm(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
Tpm::Tpm(Tpm&&) noexcept = default;
Tpm::~Tpm() = default;

Result<Tpm> Tpm::open(const std::string& tcti) {
  static const Result<Library> library = load_library();
  if (library.has_error()) return library.error();
  auto connection = std::make_unique<Connection>();
  connection->library = library.value();
  TSS2_RC code = library.value().open_transport(tcti.c_str(), &connection->transport);
  if (code == TSS2_RC_SUCCESS) {
    code = library.value().open(&connection->esys, connection->transport, nullptr);
  }
  if (code != TSS2_RC_SUCCESS) return no_answer(tcti, code);
  Tpm tpm(std::move(connection));
  ROOTLET_TRY(tpm.clock());  // only now something is sent
  return tpm;
}

Result<std::chrono::milliseconds> Tpm::clock() {
  TPMS_TIME_INFO* info = nullptr;
  const TSS2_RC code = connection_->library.read_clock(connection_->esys, ESYS_TR_NONE,
                                                       ESYS_TR_NONE, ESYS_TR_NONE, &info);
  if (code != TSS2_RC_SUCCESS) return refused("read its clock", code);
  // A clock of more than a thousand years is none.
  constexpr std::uint64_t kMost = 1000ULL * 366 * 24 * 3600 * 1000;
  const std::uint64_t clock = std::min(info->clockInfo.clock, kMost);
  connection_->library.free(info);
  return std::chrono::milliseconds(static_cast<std::int64_t>(clock));
}

Result<TpmCounter> Tpm::make_counter() {
  TpmCounter made{.index = 0, .secret = SymmetricKey::random()};
  const TPM2B_AUTH auth = auth_of(made.secret);
  for (int tries = 0; tries < kTries; ++tries) {
    made.index = random_index();
    TPM2B_NV_PUBLIC area{};
    area.nvPublic.nvIndex = made.index;
    area.nvPublic.nameAlg = TPM2_ALG_SHA256;
    area.nvPublic.attributes = kCounterAttributes;
    area.nvPublic.dataSize = 8;
    ESYS_TR object = ESYS_TR_NONE;
    const TSS2_RC code =
        connection_->library.define(connection_->esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
                                    ESYS_TR_NONE, ESYS_TR_NONE, &auth, &area, &object);
    if (code == TPM2_RC_NV_DEFINED) continue;
    if (code != TSS2_RC_SUCCESS) {
      Error error = refused("make a counter", code);
      error.hint = {.en =
                        "The TPM's owner may have set a password, or its memory is full. Set "
                        "anchor = off, or ask who manages this machine's TPM.",
                    .zh =
                        "TPM 可能设置了所有者口令，或其存储已满。可设 anchor = off，或联系 TPM "
                        "管理员。"};
      return error;
    }
    connection_->library.forget(connection_->esys, &object);
    ROOTLET_TRY(increment(made));  // until then it cannot be read
    return made;
  }
  return fail(ErrorCode::kUnreachable, "TPM: no free index was found");
}

Result<std::optional<std::uint64_t>> Tpm::read(const TpmCounter& counter) {
  ROOTLET_TRY(ESYS_TR object, connection_->open(counter));
  if (object == ESYS_TR_NONE) return std::optional<std::uint64_t>();
  TPM2B_MAX_NV_BUFFER* data = nullptr;
  const TSS2_RC code = connection_->library.read(
      connection_->esys, object, object, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE, 8, 0, &data);
  connection_->library.forget(connection_->esys, &object);
  // Another secret or another kind of index: not this counter.
  if (code != TSS2_RC_SUCCESS && is_answer(code)) return std::optional<std::uint64_t>();
  if (code != TSS2_RC_SUCCESS) return refused("read the counter", code);
  std::uint64_t count = 0;
  for (int at = 0; at < 8; ++at) count = count << 8 | data->buffer[at];
  const bool is_whole = data->size == 8;
  connection_->library.free(data);
  if (!is_whole) return std::optional<std::uint64_t>();
  return std::optional(count);
}

Status Tpm::increment(const TpmCounter& counter) {
  ROOTLET_TRY(ESYS_TR object, connection_->open(counter));
  if (object == ESYS_TR_NONE) return fail(ErrorCode::kUnreachable, "TPM: the counter is gone");
  const TSS2_RC code = connection_->library.increment(connection_->esys, object, object,
                                                      ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE);
  connection_->library.forget(connection_->esys, &object);
  return code == TSS2_RC_SUCCESS ? ok() : Status(refused("count", code));
}

}  // namespace rootlet::agent
