// Linked only to see that the library and its abseil are complete.
#include "sentencepiece_processor.h"

int main() {
  sentencepiece::SentencePieceProcessor processor;
  return processor.LoadFromSerializedProto("not a model").ok() ? 1 : 0;
}
