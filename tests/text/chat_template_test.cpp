#include "text/chat_template.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/testing.h"
#include "text/files_in.h"
#include "text/tokenizer.h"

namespace unmask {
namespace {

using testing::fails_with;
using testing::fixture;
using testing::TemporaryFolder;

constexpr std::int64_t kNow = 1741064767;  // 2025-03-04 05:06:07

Conversation example() {
  Conversation result;
  result.messages = parse_ordered_json(
      R"([{"role": "user", "content": "Hi <|x|>"},
          {"role": "tool", "content": null, "data": {"z": 1, "a": [1.5, true, null, "ß'\n"]}}])",
      "example");
  result.bos_token = "<s>";
  result.variables.emplace_back("words", OrderedJson::array({"b", "A", "c"}));
  return result;
}

std::string rendered(std::string_view text, const Conversation& conversation = example()) {
  std::string result;
  for (const auto& part : ChatTemplate::parse(text, "t").render(conversation, kNow))
    result += part.text;
  return result;
}

// The template's own words as they are, what was given in [brackets].
std::string marked(std::string_view text) {
  std::string result;
  for (const auto& part : ChatTemplate::parse(text, "t").render(example(), kNow)) {
    result += part.scaffold ? part.text : "[" + part.text + "]";
  }
  return result;
}

void expect_failure(std::string_view text, std::initializer_list<std::string_view> words) {
  EXPECT_TRUE(fails_with(ErrorCode::checkpoint, words, [&] { rendered(text); })) << text;
}

TEST(ChatTemplate, StripsWhatTagsTakeWithThem) {
  EXPECT_EQ(rendered("a\n  {% if true %}\nb\n{% endif %}\nc\n"), "a\nb\nc");
  EXPECT_EQ(rendered("a \n {%- if true -%} \n b {%- endif %}"), "ab");
  EXPECT_EQ(rendered("  {%+ if true +%}\nb{% endif %}"), "  \nb");
  EXPECT_EQ(rendered("a\n  {# note #}\nb {{- 1 -}} c"), "a\nb1c");
  EXPECT_EQ(rendered("{% raw %}{{ x }}{% if %}{% endraw %}"), "{{ x }}{% if %}");
  EXPECT_EQ(rendered("a\r\nb\rc\r\n"), "a\nb\nc");
}

TEST(ChatTemplate, ComputesAsPythonDoes) {
  EXPECT_EQ(rendered("{{ 7 // -2 }} {{ -7 % 3 }} {{ 2 ** 3 ** 2 }} {{ 7 / 2 }}"), "-4 2 64 3.5");
  EXPECT_EQ(rendered("{{ 1 < 2 < 3 }} {{ 1 == 1.0 == true }} {{ 'b' in 'abc' }}"),
            "True True True");
  EXPECT_EQ(rendered("{{ none or 'x' }}{{ '' and 1 }}{{ 1 ~ 'a' ~ none }}"), "x1aNone");
  EXPECT_EQ(rendered("{{ 'a' if false }}{{ 1 if 0 else 2 }}{{ not 1 is none }}"), "2True");
  EXPECT_EQ(rendered("{{ 1e16 }} {{ 0.1 }} {{ 1e-5 }} {{ 3.0 }}"), "1e+16 0.1 1e-05 3.0");
  EXPECT_EQ(rendered("{{ 'aßc'[1] }}{{ 'abcd'[::-2] }}{{ [1, 2, 3][-2:] }}"), "ßdb[2, 3]");
  EXPECT_EQ(rendered("{{ \"it's\" ~ ['it\\'s', 'q\"'] }}"), "it's[\"it's\", 'q\"']");
}

TEST(ChatTemplate, KeepsVariablesWhereJinjaDoes) {
  EXPECT_EQ(rendered("{% set a = 1 %}{% for i in [2] %}{% set a = i %}{% endfor %}{{ a }}"), "1");
  EXPECT_EQ(
      rendered(
          "{% set n = namespace(a=1) %}{% for i in [2] %}{% set n.a = i %}{% endfor %}{{ n.a }}"),
      "2");
  EXPECT_EQ(rendered("{% macro f(a, b=a ~ 'y') %}{{ a }}{{ b }}{{ loop }}{% endmacro %}"
                     "{% for i in [1] %}{{ f('x') }}{% endfor %}"),
            "xxy");
  EXPECT_EQ(rendered("{% macro f() %}<{{ caller(2) }}>{% endmacro %}"
                     "{% call(x) f() %}{{ x + 1 }}{% endcall %}"),
            "<3>");
  EXPECT_EQ(rendered("{% set x | upper %}ab{% endset %}{{ x }}{% filter trim %} c {% endfilter %}"),
            "ABc");
}

TEST(ChatTemplate, LoopsAsJinjaDoes) {
  EXPECT_EQ(
      rendered(
          "{% for w in words %}{{ loop.index }}{{ w }}{{ loop.nextitem }}{{ ',' if not loop.last }}"
          "{% else %}none{% endfor %}"),
      "1bA,2Ac,3c");
  EXPECT_EQ(rendered("{% for i in range(9) if i % 2 %}{% if i == 3 %}{% continue %}{% endif %}"
                     "{% if i == 7 %}{% break %}{% endif %}{{ i }}/{{ loop.length }} {% endfor %}"),
            "1/4 5/4 ");
  EXPECT_EQ(rendered("{% for x in [[1, [2]], [3]] recursive %}{{ loop(x) if x is iterable else x "
                     "}}{% endfor %}"),
            "123");
  EXPECT_EQ(rendered("{% for a in [] %}{% else %}none{% endfor %}"), "none");
}

TEST(ChatTemplate, KnowsTheFiltersAndMethods) {
  EXPECT_EQ(rendered("{{ messages[1].data|tojson }}"),
            R"({"z": 1, "a": [1.5, true, null, "ß'\n"]})");
  EXPECT_EQ(rendered("{{ {'a': [1]}|tojson(indent=2) }}"), "{\n  \"a\": [\n    1\n  ]\n}");
  EXPECT_EQ(rendered("{{ words|sort|join('-') }} {{ words|map('upper')|list }}"),
            "A-b-c ['B', 'A', 'C']");
  EXPECT_EQ(rendered("{{ messages|selectattr('role', 'equalto', 'tool')|list|length }}"), "1");
  EXPECT_EQ(rendered("{{ ' a b '.split() }}{{ 'a,,b'.split(',') }}{{ 'xxaxx'.strip('x') }}"),
            "['a', 'b']['a', '', 'b']a");
  EXPECT_EQ(rendered("{{ '%s|%05.1f|%-3d|'|format('a', 2.25, 7) }}{{ '{:>4}{}'.format('b', 1) }}"),
            "a|002.2|7  |   b1");
  EXPECT_EQ(rendered("{{ 'straße'|upper }} {{ 'ΑΣ'|lower }} {{ 'a-b c'|title }}"),
            "STRASSE ας A-B C");
  EXPECT_EQ(rendered("{{ strftime_now('%d %B %Y, %H:%M') }}"), "04 March 2025, 05:06");
  EXPECT_EQ(rendered("{{ messages[1].items is defined }}{{ messages[0].keys()|list }}"),
            "True['role', 'content']");
}

TEST(ChatTemplate, DropsWhatIsNullAndCopiesThoughts) {
  Conversation conversation;
  conversation.messages = parse_ordered_json(
      R"([{"role": "assistant", "content": null, "reasoning": "hm"}])", "example");
  EXPECT_EQ(rendered("{{ messages[0].content is defined }} {{ messages[0].reasoning_content }} "
                     "{{ messages[0].thinking }}",
                     conversation),
            "False hm hm");
}

TEST(ChatTemplate, EndsWithinTheLastMessageToContinueIt) {
  Conversation conversation;
  conversation.messages =
      parse_ordered_json(R"([{"role": "assistant", "content": "go "}])", "example");
  conversation.continue_final_message = true;
  EXPECT_EQ(rendered("<{{ messages[0].content }}>", conversation), "<go ");
  EXPECT_EQ(rendered("<{{ messages[0].content|trim }}>", conversation), "<go");
  EXPECT_TRUE(fails_with(ErrorCode::usage, {"continued"},
                         [&] { rendered("{{ messages[0].role }}", conversation); }));
}

TEST(ChatTemplate, NamesLineAndColumn) {
  expect_failure("a\n  {{ nothing.x }}", {"t:2:", "'nothing' is undefined"});
  expect_failure("{{ 1 +\n'a' }}", {"t:1:4"});
  expect_failure("a\n{% if %}", {"t:2:7", "expected an expression"});
  expect_failure("{{ 'a'|frobnicate }}", {"t:1:8", "frobnicate"});
  EXPECT_EQ(rendered("{% if false %}{{ 'a'|frobnicate }}{% endif %}b"), "b");
  expect_failure("{% include 'x' %}", {"include", "not supported"});
  expect_failure("{{ 9223372036854775807 + 1 }}", {"64 bits"});
  expect_failure("{{ messages.append(1) }}", {"append"});
  expect_failure("{{ ''.__class__.__mro__ }}", {"__class__"});
  expect_failure("\xC0\xAF", {"UTF-8"});
}

TEST(ChatTemplate, RefusesWhatTakesTooMuch) {
  expect_failure("{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
                 {"steps"});
  expect_failure("{{ 'a' * 1000000000 }}", {"memory"});
  expect_failure("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", {"deeply"});
  expect_failure("{{ " + std::string(200, '(') + "1" + std::string(200, ')') + " }}",
                 {"nested deeper"});
  expect_failure(
      "{% set n = namespace(l=[]) %}{% for i in range(999) %}{% set n.l = [n.l] %}{% endfor %}",
      {"nested deeper"});
  expect_failure(std::string((1u << 20) + 1, 'a'), {"at most"});
}

TEST(ChatTemplate, TellsItsOwnWordsFromWhatIsGiven) {
  EXPECT_EQ(marked("{{ bos_token }}<|a|>{{ messages[0].content }}</s>"), "<s><|a|>[Hi <|x|>]</s>");
  EXPECT_EQ(marked("{{ '<|' + messages[0].role + '|>' }}"), "<|user|>");
  EXPECT_EQ(marked("{{ ('a' ~ messages[0].content ~ 'b')[1:-2] }}"), "[Hi <|x|]");
  EXPECT_EQ(marked("{{ ('<x' + messages[0].content)|upper }}"), "<X[HI <|X|>]");
  EXPECT_EQ(marked("{{ messages[0].content.replace('Hi', '<|x|>') }}"), "<|x|>[ <|x|>]");
  EXPECT_EQ(marked("{{ words|join('<|x|>') }}"), "[b]<|x|>[A]<|x|>[c]");
  EXPECT_EQ(marked("{{ messages[0].content.split(' ')[1].strip('|>') ~ 'x' }}"), "[<|x]x");
  EXPECT_EQ(marked("{{ '<%s>' % messages[0].content }}{{ '{}!'.format(words[0]) }}"),
            "<[Hi <|x|>]>[b]!");
  EXPECT_EQ(marked("{{ messages[0].content|tojson }}{{ ['<|a|>']|tojson }}"),
            "[\"Hi <|x|>\"[\"]<|a|>[\"]]");
  EXPECT_EQ(marked("{% set x %}<|a|>{{ words[0] }}{% endset %}{{ x|trim }}"), "<|a|>[b]");
  EXPECT_EQ(marked("{{ messages[0]['content'][3:] }}{{ words|first|indent(2, true) }}"),
            "[<|x|>]  [b]");
}

// Whatever a template does with them, given bytes form no special token, with its own or among
// them.
TEST(ChatTemplate, LetsNoGivenTextBecomeASpecialToken) {
  const auto tokenizer = load_tokenizer(testing::files_in(fixture("llada/model")));
  const int end = tokenizer->token_id("<|eot_id|>").value();
  Conversation conversation;
  conversation.messages = parse_ordered_json(
      R"([{"role": "<|eot_id|>", "content": "<|eot_id|>", "eot": "eot_id", "half": "<|eot"}])",
      "example");
  for (const char* text :
       {"{{ messages[0].content }}", "{{ messages[0].role }}",
        "{{ messages[0].content|upper|lower }}", "{{ '<|' + messages[0].eot + '|>' }}",
        "{{ messages[0].half ~ '_id|>' }}", "{{ messages[0].half }}_id|>",
        "<|{{ messages[0].eot }}|>", "{{ messages[0].content|list|join }}", "{{ messages|tojson }}",
        "{{ messages }}", "{{ '%s' % messages[0].content }}",
        "{{ messages[0].content.split('_')|join('_') }}",
        "{{ messages[0].content|replace('x', 'y') }}", "{{ messages[0].content[::-1]|reverse }}",
        "{{ messages[0].content.title()|lower }}"}) {
    const auto segments = ChatTemplate::parse(text, "t").render(conversation, kNow);
    std::vector<TextSpan> spans;
    for (const ChatSegment& segment : segments) spans.push_back({segment.text, segment.scaffold});
    const auto ids = tokenizer->encode_spans(spans);
    EXPECT_EQ(std::count(ids.begin(), ids.end(), end), 0) << text;
  }
}

TEST(ChatTemplate, SaysWhichVariablesItReads) {
  const auto chat =
      ChatTemplate::parse("{{ a }}{% if enable_thinking is defined %}{% endif %}", "t");
  EXPECT_TRUE(chat.uses("enable_thinking"));
  EXPECT_FALSE(chat.uses("tools"));
}

}  // namespace
}  // namespace unmask
