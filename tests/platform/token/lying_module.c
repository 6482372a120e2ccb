// A PKCS#11 module that lies or fails in the way that the variable LIE names. It writes nothing
// beyond the room that it was given: it only says so.
#include <p11-kit/pkcs11.h>
#include <stdlib.h>
#include <string.h>

static int lies(const char* how) {
  const char* lie = getenv("LIE");
  return lie != NULL && strcmp(lie, how) == 0;
}

static CK_RV initialize(void* arguments) {
  (void)arguments;
  return lies("start") ? CKR_GENERAL_ERROR : CKR_OK;
}
static CK_RV finalize(void* reserved) {
  (void)reserved;
  return CKR_OK;
}

static CK_RV slots(unsigned char present, CK_SLOT_ID* list, CK_ULONG* count) {
  (void)present;
  list[0] = 7;
  *count = lies("slots") ? 1000000000UL : 1;
  return CKR_OK;
}

static CK_RV token(CK_SLOT_ID slot, CK_TOKEN_INFO* info) {
  (void)slot;
  memset(info->label, ' ', sizeof info->label);
  memcpy(info->label, "liar", 4);
  info->flags = CKF_TOKEN_INITIALIZED;
  if (lies("locked")) info->flags |= CKF_USER_PIN_LOCKED;
  if (lies("last")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, void* application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE* session) {
  (void)slot, (void)flags, (void)application, (void)notify;
  *session = 1;
  return lies("removed") ? CKR_DEVICE_REMOVED : CKR_OK;
}
static CK_RV close_session(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}

// No PIN may get here when the token is locked.
static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin,
                   CK_ULONG length) {
  (void)session, (void)user, (void)pin, (void)length;
  if (lies("locked")) abort();
  if (lies("locks")) return CKR_PIN_LOCKED;
  return lies("last") ? CKR_PIN_INCORRECT : CKR_OK;
}

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE* wanted, CK_ULONG count) {
  (void)session, (void)wanted, (void)count;
  return CKR_OK;
}
static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE* found, CK_ULONG room,
                  CK_ULONG* count) {
  (void)session, (void)room;
  found[0] = 5;
  *count = lies("objects") ? 1000000UL : lies("twins") ? 2 : 1;
  return CKR_OK;
}
static CK_RV find_final(CK_SESSION_HANDLE session) {
  (void)session;
  return CKR_OK;
}

static CK_RV attribute(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_ATTRIBUTE* wanted,
                       CK_ULONG count) {
  (void)session, (void)key, (void)count;
  wanted->ulValueLen = lies("attribute") ? CK_UNAVAILABLE_INFORMATION : 1;
  return CKR_OK;
}

static CK_RV generate(CK_SESSION_HANDLE session, CK_MECHANISM* how, CK_ATTRIBUTE* of_public,
                      CK_ULONG publics, CK_ATTRIBUTE* of_private, CK_ULONG privates,
                      CK_OBJECT_HANDLE* public_half, CK_OBJECT_HANDLE* private_half) {
  (void)session, (void)how, (void)of_public, (void)publics, (void)of_private, (void)privates;
  (void)public_half, (void)private_half;
  return CKR_FUNCTION_NOT_SUPPORTED;
}

static CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* how, CK_OBJECT_HANDLE key) {
  (void)session, (void)how, (void)key;
  return CKR_OK;
}
static CK_RV decrypt(CK_SESSION_HANDLE session, unsigned char* box, CK_ULONG size,
                     unsigned char* opened, CK_ULONG* length) {
  (void)session, (void)box, (void)size;
  opened[0] = 1;
  *length = lies("decrypted") ? 1000000UL : 32;
  return CKR_OK;
}

static CK_FUNCTION_LIST functions = {.version = {2, 40},
                                     .C_Initialize = initialize,
                                     .C_Finalize = finalize,
                                     .C_GetSlotList = slots,
                                     .C_GetTokenInfo = token,
                                     .C_OpenSession = open_session,
                                     .C_CloseSession = close_session,
                                     .C_Login = login,
                                     .C_FindObjectsInit = find_init,
                                     .C_FindObjects = find,
                                     .C_FindObjectsFinal = find_final,
                                     .C_GetAttributeValue = attribute,
                                     .C_GenerateKeyPair = generate,
                                     .C_DecryptInit = decrypt_init,
                                     .C_Decrypt = decrypt};

CK_RV C_GetFunctionList(CK_FUNCTION_LIST** list) {
  if (lies("list")) functions.C_Decrypt = NULL;
  *list = &functions;
  return CKR_OK;
}
