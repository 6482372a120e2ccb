// Vectors of docs/FORMATS.md: bytes made once and kept, so that later programs can still read them.
#include "core/format/json.hpp"
#include "sync/trust/office/envelope.hpp"
#include "tests/support/support.hpp"

namespace rootlet {
namespace {

using test::must;

constexpr std::string_view kEnvelope =
    "524c4556010105626174636810303031313232333334343535363666660778696e66656e6708706c"
    "6174666f726d026131ac020000000000000000000000000000000000000000000000000000000000"
    "00000055db6c6c6426f2e79a474323024f004076a4c9592c27f25a040b24b10f8073f25f3f20a21f"
    "7907ef0d660d6b29c90addc6cbea3ee4974458eedaf699332f0c63bdca5b2adf975d31cb67cc7c14"
    "be6b201b3e8103760b75d55139dc0ac3323ae343c997de5966fc8fc7fbb5d1398534a8023344c984"
    "4ec5ec95b752accfa6e228e2429b8e31551144920aede31f56e656c2090c50f70b";

constexpr std::string_view kHash =
    "d3ddd3cc2b319ec3baf3112b21ec4ce008c2fc0084b68c9819978f2cafef778b";

constexpr std::string_view kReceipt =
    R"json({"signed":"{\"type\":\"received\",\"realm\":\"00112233445566ff\",\"office\":\"xinfeng\",\"line\":\"a1\",\"sequence\":300,\"batch\":\"d3ddd3cc2b319ec3baf3112b21ec4ce008c2fc0084b68c9819978f2cafef778b\",\"at\":\"2026-11-21T08:00:00Z\"}","signature":"1TJ+tgB/KqGmbISoqy1rpKebVwNDkzvB9o4rOhD+b7i4NKAy6KKvHyxTOOUpW4cnrCkvx5RF83Yzbh31df9vDA=="})json";

TEST_CASE("vector: an old envelope opens, with its header and hash") {
  SymmetricKey secret;
  secret.expose_mutable()[0] = 1;
  const SealingKey recipient = must(SealingKey::from_secret(std::move(secret)));
  const SigningKey sender = SigningKey::from_seed(SymmetricKey());
  const Bytes envelope = must(from_hex(kEnvelope));
  CHECK(to_hex(envelope_hash(envelope)) == kHash);
  const OpenedEnvelope opened = must(open_envelope(envelope, sender.public_key, recipient));
  CHECK(opened.header == EnvelopeHeader{.type = "batch",
                                        .realm = "00112233445566ff",
                                        .from = "xinfeng",
                                        .to = "platform",
                                        .chain = "a1",
                                        .sequence = 300,
                                        .previous = {}});
  CHECK(as_text(opened.payload) == "hello");
}

TEST_CASE("vector: an old receipt verifies, and signing it again gives the same bytes") {
  const SigningKey key = SigningKey::from_seed(SymmetricKey());
  const json::value said = must(verify_statement(kReceipt, "rootlet receipt v1", key.public_key));
  CHECK(std::string_view(said.at("batch").as_string()) == kHash);
  CHECK(sign_statement(said, "rootlet receipt v1", key) == kReceipt);
}

}  // namespace
}  // namespace rootlet
