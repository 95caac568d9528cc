#include "text/model_precheck.h"

#include <bit>
#include <cmath>
#include <unordered_set>

#include "base/utf8.h"
#include "text/charsmap.h"
#include "text/protobuf.h"
#include "unmask/error.h"

namespace unmask {
namespace {

constexpr std::size_t kMostPieces = 2'000'000;
constexpr std::size_t kLongestPiece = 4096;

// Field numbers of sentencepiece_model.proto.
constexpr std::uint32_t kPieces = 1, kTrainer = 2, kNormalizer = 3, kSelfTest = 4,
                        kDenormalizer = 5;
constexpr std::uint32_t kPieceText = 1, kPieceScore = 2, kPieceType = 3;
constexpr std::uint32_t kCharsmap = 2;

class Precheck {
 public:
  explicit Precheck(const std::string& source) : source_(source) {}

  void model(std::string_view message) {
    count_pieces(message);
    each_field(message, "the file", [this](const ProtobufField& field) {
      if (field.number < kPieces || field.number > kDenormalizer) return;
      require_type(field, WireType::bytes, "a part of the file");
      if (field.number == kPieces) {
        piece(field.bytes);
      } else if (field.number == kTrainer || field.number == kSelfTest) {
        each_field(field.bytes, "the trainer part", [](const ProtobufField&) {});
      } else if (field.number == kNormalizer || field.number == kDenormalizer) {
        normalizer(field.bytes);
      }
    });
  }

 private:
  void count_pieces(std::string_view message) {
    std::size_t count = 0;
    each_field(message, "the file", [&](const auto& field) { count += field.number == kPieces; });
    if (count == 0) fail("has no pieces");
    if (count > kMostPieces) {
      fail("has " + std::to_string(count) + " pieces, at most " + std::to_string(kMostPieces) +
           " are accepted");
    }
    texts_.reserve(count);
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(ErrorCode::checkpoint, source_ + " " + problem,
                "this is no sound sentencepiece model; get the file again from where it came from");
  }

  [[noreturn]] void fail_piece(const std::string& problem) const {
    fail("has a piece (number " + std::to_string(texts_.size()) + ") " + problem);
  }

  template <typename Visit>
  void each_field(std::string_view message, const std::string& what, const Visit& visit) const {
    for (ProtobufReader reader(message); !reader.done();) {
      const auto field = reader.next();
      if (!field) fail("is cut off or no protocol buffer: " + what + " cannot be read");
      visit(*field);
    }
  }

  void require_type(const ProtobufField& field, WireType type, const std::string& what) const {
    if (field.type != type) fail("has the wrong wire type for " + what);
  }

  void piece(std::string_view message) {
    std::string_view text;
    each_field(message, "piece " + std::to_string(texts_.size()), [&](const ProtobufField& field) {
      if (field.number == kPieceText) {
        require_type(field, WireType::bytes, "the text of a piece");
        text = field.bytes;
      } else if (field.number == kPieceScore) {
        require_type(field, WireType::fixed32, "the score of a piece");
        const float score = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
        if (!std::isfinite(score)) fail_piece("whose score is not a finite number");
      } else if (field.number == kPieceType) {
        require_type(field, WireType::varint, "the type of a piece");
      }
    });
    if (text.empty()) fail_piece("without text");
    if (text.size() > kLongestPiece) {
      fail_piece("of " + std::to_string(text.size()) + " bytes, at most " +
                 std::to_string(kLongestPiece) + " are accepted");
    }
    if (text.find('\0') != std::string_view::npos) fail_piece("with a NUL byte in it");
    if (utf8::first_invalid(text)) fail_piece("that is not valid UTF-8");
    if (!texts_.insert(text).second)
      fail_piece("that is there before: '" + utf8::printable(text) + "'");
  }

  void normalizer(std::string_view message) const {
    each_field(message, "the normaliser", [this](const ProtobufField& field) {
      if (field.number != kCharsmap) return;
      require_type(field, WireType::bytes, "the normalisation table");
      if (field.bytes.empty()) return;
      if (const auto problem = charsmap_problem(field.bytes)) {
        fail("has a normalisation table that " + *problem);
      }
    });
  }

  const std::string& source_;
  std::unordered_set<std::string_view> texts_;
};

}  // namespace

void precheck_sentencepiece_model(std::string_view model, const std::string& source) {
  Precheck(source).model(model);
}

}  // namespace unmask
