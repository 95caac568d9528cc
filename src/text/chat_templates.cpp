#include "text/chat_templates.h"

namespace unmask {
namespace {

// The model that ships with unmask: contents, each followed by one control piece.
constexpr std::string_view kLlamaUnmask = R"(
{%- for m in messages %}{{ m.content }}{{ '<reply>' if m.role == 'user' else '<end>' }}{% endfor %})";

// Qwen's and many others'.
constexpr std::string_view kChatml = R"(
{%- for m in messages %}{{ '<|im_start|>' ~ m.role ~ '\n' ~ m.content ~ '<|im_end|>\n' }}{% endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})";

// Qwen2 and Dream: before the turns, where they do not begin with a system message.
constexpr std::string_view kQwen2System = R"(
{%- if messages[0].role != 'system' %}
  {{- '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}
{%- endif %})";

// The same of Qwen2.5 and Fast-dLLM v2.
constexpr std::string_view kQwen25System = R"(
{%- if messages[0].role != 'system' %}
  {{- '<|im_start|>system\nYou are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}
  {{- '<|im_end|>\n' }}
{%- endif %})";

// LLaMA-Factory's for Qwen2: every question opens its answer, asked for or not.
constexpr std::string_view kLlamaFactory = R"(
{%- set first = messages[0] %}
{{- '<|im_start|>system\n' }}
{{- first.content if first.role == 'system' else 'You are a helpful assistant.' }}
{{- '<|im_end|>\n' }}
{%- for m in messages %}
  {%- if m.role == 'user' %}
    {{- '<|im_start|>user\n' ~ m.content ~ '<|im_end|>\n<|im_start|>assistant\n' }}
  {%- elif m.role == 'assistant' %}
    {{- m.content ~ '<|im_end|>\n' }}
  {%- endif %}
{%- endfor %})";

// Qwen3, SDAR and A2D: ChatML with thoughts, which are kept only after the last question.
constexpr std::string_view kQwen3 = R"(
{%- set ns = namespace(question=messages|length - 1, found=false) %}
{%- for m in messages[::-1] %}
  {%- set answers_tool = m.content.startswith('<tool_response>') and
                         m.content.endswith('</tool_response>') %}
  {%- if m.role == 'user' and not answers_tool and not ns.found %}
    {%- set ns.found = true %}
    {%- set ns.question = messages|length - loop.index %}
  {%- endif %}
{%- endfor %}
{%- for m in messages %}
  {%- set text = m.content %}
  {%- set thoughts = '' %}
  {%- if m.role == 'assistant' and '</think>' in text %}
    {%- set thoughts = text.split('</think>')[0].rstrip('\n').split('<think>')[-1].strip('\n') %}
    {%- set text = text.split('</think>')[-1].lstrip('\n') %}
  {%- endif %}
  {{- '<|im_start|>' ~ m.role ~ '\n' }}
  {%- if m.role == 'assistant' and loop.index0 > ns.question and (loop.last or thoughts) %}
    {{- '<think>\n' ~ thoughts ~ '\n</think>\n\n' }}
    {%- set text = text.lstrip('\n') %}
  {%- endif %}
  {{- text ~ '<|im_end|>\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
  {{- '<|im_start|>assistant\n' }}
  {%- if enable_thinking is false %}{{ '<think>\n\n</think>\n\n' }}{% endif %}
{%- endif %})";

// Llama 3 and LLaDA.
constexpr std::string_view kLlama3 = R"({{ bos_token }}
{%- for m in messages %}
  {{- '<|start_header_id|>' ~ m.role ~ '<|end_header_id|>\n\n' ~ m.content|trim ~ '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %})";

// LLaDA-MoE and LLaDA2.
constexpr std::string_view kLlada2Turns = R"(
{%- for m in messages %}
  {%- set role = 'HUMAN' if m.role == 'user' else m.role|upper %}
  {{- '<role>' ~ role ~ '</role>' ~ m.content ~ '<|role_end|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<role>ASSISTANT</role>' }}{% endif %})";

// With the line that turns Ling's thinking off, after the system message if there is one.
constexpr std::string_view kLing = R"(
{%- set system = messages[0].role == 'system' %}
{{- '<role>SYSTEM</role>' ~ (messages[0].content ~ '\n' if system else '') }}
{{- 'detailed thinking off<|role_end|>' }}
{%- for m in (messages[1:] if system else messages) %}
  {%- set role = 'HUMAN' if m.role == 'user' else m.role|upper %}
  {{- '<role>' ~ role ~ '</role>' ~ m.content ~ '<|role_end|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<role>ASSISTANT</role>' }}{% endif %})";

}  // namespace

std::span<const BuiltInFormat> built_in_formats() {
  static const std::vector<std::string_view> kImTokens{"<|im_start|>", "<|im_end|>"};
  static const std::vector<std::string_view> kHeaders{"<|start_header_id|>", "<|end_header_id|>",
                                                      "<|eot_id|>"};
  static const std::vector<std::string_view> kRoles{"<role>", "</role>", "<|role_end|>"};
  const auto text = [](auto... parts) { return (std::string(parts) + ...); };
  static const BuiltInFormat kFormats[] = {
      {"llama-unmask", text(kLlamaUnmask), {"<reply>", "<end>"}, ""},
      {"chatml", text(kChatml), kImTokens, ""},
      {"qwen2", text(kQwen2System, kChatml), kImTokens, ""},
      {"qwen2.5", text(kQwen25System, kChatml), kImTokens, ""},
      {"qwen3", text(kQwen3), kImTokens, ""},
      {"llama-factory", text(kLlamaFactory), kImTokens, ""},
      {"llada", text(kLlama3), kHeaders, "<|startoftext|>"},
      {"llama3", text(kLlama3), kHeaders, "<|begin_of_text|>"},
      {"llada2", text(kLlada2Turns), kRoles, ""},
      {"ling", text(kLing), kRoles, ""},
  };
  return kFormats;
}

}  // namespace unmask
