// dlopen and C_GetFunctionList. A module is never unloaded: some register handlers for the end of
// the process.
#include "platform/token/pkcs11_module.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

namespace rootlet::platform {
namespace {

namespace fs = std::filesystem;

std::mutex& turns() {
  static std::mutex one;
  return one;
}

Error cannot_load(const fs::path& file, const std::string& why) {
  return token_error(
      ErrorCode::kStorage, file.string() + ": " + why,
      {.en = "The token's module could not be loaded; nothing was changed. Install the software of "
             "the token again, or lock the realm with the path of the module that is there.",
       .zh = "无法加载令牌的 PKCS#11 模块，没有做任何改变。请重新安装令牌软件，"
             "或使用现有模块的路径重新锁定域。"});
}

bool has_all_functions(const CK_FUNCTION_LIST& list) {
  return list.C_Initialize && list.C_Finalize && list.C_GetSlotList && list.C_GetTokenInfo &&
         list.C_OpenSession && list.C_CloseSession && list.C_Login && list.C_FindObjectsInit &&
         list.C_FindObjects && list.C_FindObjectsFinal && list.C_GetAttributeValue &&
         list.C_GenerateKeyPair && list.C_DecryptInit && list.C_Decrypt;
}

Result<const CK_FUNCTION_LIST*> functions_of(const fs::path& file) {
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* why = ::dlerror();
    return cannot_load(file, why != nullptr ? why : "it does not load");
  }
  const auto list_of =
      reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library, "C_GetFunctionList"));
  if (list_of == nullptr) return cannot_load(file, "it is not a PKCS#11 module");
  CK_FUNCTION_LIST* list = nullptr;
  if (list_of(&list) != CKR_OK || list == nullptr || list->version.major < 2 ||
      !has_all_functions(*list)) {
    return cannot_load(file, "it is not a PKCS#11 module of version 2 or later");
  }
  return list;
}

}  // namespace

Result<Pkcs11Module> Pkcs11Module::open(const fs::path& file) {
  if (!file.is_absolute()) {
    return token_error(ErrorCode::kUsage, file.string() + ": not the full path of a module",
                       {.en = "Nothing was changed. Give the path from the root, for example "
                              "/usr/lib/softhsm/libsofthsm2.so.",
                        .zh = "没有做任何改变。请给出完整路径，例如 "
                              "/usr/lib/softhsm/libsofthsm2.so。"});
  }
  std::error_code unknown;
  if (!fs::exists(file, unknown)) return cannot_load(file, "there is no such file");
  std::unique_lock<std::mutex> turn(turns());
  ROOTLET_TRY(const CK_FUNCTION_LIST* functions, functions_of(file));
  // Without arguments: this process calls it from one thread at a time.
  const CK_RV started = functions->C_Initialize(nullptr);
  if (started != CKR_OK && started != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
    return cannot_load(file, "it does not start (PKCS#11 error " + std::to_string(started) +
                                 "); its settings may be wrong or unreadable for this user");
  }
  return Pkcs11Module(std::move(turn), functions);
}

Pkcs11Module::Pkcs11Module(Pkcs11Module&& other) noexcept
    : turn_(std::move(other.turn_)), functions_(std::exchange(other.functions_, nullptr)) {}

Pkcs11Module::~Pkcs11Module() {
  if (functions_ != nullptr) functions_->C_Finalize(nullptr);
}

Status check_place_of_module(const fs::path& file) {
  std::error_code failed;
  const std::string real = fs::canonical(file, failed).string();
  if (failed) return ok();  // open() says what is wrong
  struct stat info {};
  const bool is_known = ::stat(real.c_str(), &info) == 0;
  const bool is_guarded = is_known && info.st_uid == 0 && (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
  if (is_guarded && (real.starts_with("/usr/") || real.starts_with("/opt/"))) return ok();
  return token_error(
      ErrorCode::kNoAccess, real + " may not be loaded as a token's module",
      {.en = "Nothing was loaded or changed. A module must lie below /usr or /opt, belong to root "
             "and be writable by root alone, because its code has all rights of this program.",
       .zh = "没有加载，也没有改变任何内容。模块代码拥有本程序的全部权限，因此必须位于 /usr 或 "
             "/opt 之下，属于 root，且仅 root 可写。"});
}

Error token_error(ErrorCode code, std::string message, Text what_to_do) {
  Error error = fail(code, std::move(message));
  error.hint = std::move(what_to_do);
  return error;
}

}  // namespace rootlet::platform
