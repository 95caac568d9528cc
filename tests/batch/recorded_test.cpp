#include "batch/recorded.h"

#include <gtest/gtest.h>

#include "base/testing.h"
#include "batch/record_reader.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::TemporaryFolder;

std::optional<Record> check(std::string_view text) {
  RecordCheck check;
  for (const char byte : text) check.feed({&byte, 1});  // in the smallest pieces
  return check.finish();
}

TEST(RecordHead, TellsResultsFromErrors) {
  EXPECT_EQ(read_record_head(R"({"line":12,"id":"a"})")->line, 12u);
  EXPECT_FALSE(read_record_head(R"({"line":12,"id":"a"})")->failed);
  EXPECT_TRUE(read_record_head(R"({"line":1,"error":{"code":"usage"}})")->failed);
  EXPECT_FALSE(read_record_head(R"({"line":1,"error":null})")->failed);
  EXPECT_FALSE(read_record_head(R"({"line":1,"id":"x","error":{}})")->failed);
  EXPECT_EQ(read_record_head(R"({"line":18446744073709551615})")->line, ~std::uint64_t{0});
}

TEST(RecordHead, RefusesWhatDoesNotBeginWithALineNumber) {
  for (const char* const text :
       {"", "{", R"({"id":1})", R"({"line":0,)", R"({"line":-1,)", R"({"line":1)",
        R"({"line":"1",)", R"({"line":18446744073709551616,)", R"({"line":1.5,)",
        R"( {"line":1,)"}) {
    EXPECT_FALSE(read_record_head(text)) << text;
  }
}

TEST(RecordCheck, AcceptsWhatJsonMayHold) {
  for (const char* const text :
       {R"({"line":1})", R"({"line":1,"a":[1,-2.5e+3,true,false,null],"b":{"c":{}}})",
        R"({"line":1,"a":"} ] \" \\","b":"\\\""})", "{\"line\":1,\"a\":\"ä\"}"}) {
    EXPECT_TRUE(check(text)) << text;
  }
}

TEST(RecordCheck, RefusesDamage) {
  const std::string nulls = std::string(R"({"line":1,"a":")") + std::string(3, '\0') + "\"}";
  for (const std::string& text :
       {std::string(R"({"line":1,"a":"b)"), std::string(R"({"line":1,"a":[1})"),
        std::string(R"({"line":1,"text":"ab{"line":2,"text":"cd"})"),  // two lines became one
        std::string(R"({"line":1}{"line":2})"), std::string(R"({"line":1,"a":"b\"})"),
        std::string(R"({"line":1, "a":1})"), std::string("{\"line\":1,\"a\":\"\t\"}"), nulls}) {
    EXPECT_FALSE(check(text)) << text;
  }
}

TEST(Recorded, CountsAResultMoreThanAnError) {
  Recorded recorded;
  recorded.add(1, false);
  recorded.add(2, true);
  recorded.add(3, true);
  EXPECT_TRUE(recorded.sorted);
  recorded.add(2, false);
  recorded.add(1, true);
  EXPECT_FALSE(recorded.sorted);
  EXPECT_EQ(recorded.good.size(), 2u);
  EXPECT_EQ(recorded.failed.size(), 1u);
  EXPECT_TRUE(recorded.failed.contains(3));
  EXPECT_EQ(recorded.records, 5u);
  EXPECT_EQ(recorded.lines(), 3u);
}

TEST(ScanRecords, FindsWhereTheFinishedLinesEnd) {
  const TemporaryFolder folder;
  const std::string lines = "{\"line\":2}\n{\"line\":1,\"error\":{}}\n";
  Recorded recorded;
  const Extent extent = scan_records(folder.write("out", lines + "{\"line\":3"), recorded);
  EXPECT_EQ(extent.records_end, lines.size());
  EXPECT_EQ(extent.tail, 9u);
  EXPECT_TRUE(recorded.good.contains(2));
  EXPECT_TRUE(recorded.failed.contains(1));
  EXPECT_FALSE(recorded.contains(3));
}

TEST(ScanRecords, NamesADamagedLine) {
  const TemporaryFolder folder;
  const std::string path = folder.write("out", "{\"line\":1}\n{\"line\":2,\"a}\n{\"line\":3}\n");
  Recorded recorded;
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, {"out: line 2 is damaged"},
                         [&] { scan_records(path, recorded); }));
}

TEST(ScanRecords, NeedsNoFile) {
  Recorded recorded;
  EXPECT_EQ(scan_records("/nowhere/out", recorded).records_end, 0u);
  EXPECT_EQ(recorded.records, 0u);
}

TEST(Parts, AreFoundByRank) {
  const TemporaryFolder folder;
  const std::string out = folder / "out.jsonl";
  for (const char* const name :
       {"out.jsonl.part-10", "out.jsonl.part-2", "out.jsonl.part-02", "out.jsonl.part-2.unmask",
        "out.jsonl.part-", "out.jsonl.part--1", "other.part-1"}) {
    folder.write(name, "");
  }
  EXPECT_EQ(find_parts(out), (std::vector<std::string>{part_name(out, 2), part_name(out, 10)}));
}

TEST(ScanOutput, TakesTheFileAndItsParts) {
  const TemporaryFolder folder;
  const std::string out = folder.write("out", "{\"line\":1}\n{\"line\":5,\"error\":{}}\n");
  folder.write("out.part-0", "{\"line\":2}\n{\"line\":9");  // still being written
  folder.write("out.part-7", "{\"line\":5}\n");
  const Recorded recorded = scan_output(out);
  EXPECT_EQ(recorded.good.size(), 3u);
  EXPECT_EQ(recorded.failed.size(), 0u);
  EXPECT_FALSE(recorded.contains(9));
}

}  // namespace
}  // namespace unmask
