// What an answer, a stream or a failure shows, in the words of tests/sdk/expectations.py.

import OpenAI from 'openai';

export const seen = (answer) => ({
  text: answer.choices[0].message.content,
  finish: answer.choices[0].finish_reason,
});

export const usage = (answer) => [
  answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens,
];

export async function failure(attempt) {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof OpenAI.APIConnectionTimeoutError) return { raised: 'Timeout' };
    if (!(error instanceof OpenAI.APIError)) throw error;
    const raised = error.constructor.name;
    if (error.status === undefined) return { raised, code: error.code ?? null };
    return { raised, status: error.status, code: error.code ?? null, param: error.param ?? null };
  }
  return { raised: null };
}

export const calls = (toolCalls) =>
  toolCalls.map((call) => [call.function.name, JSON.parse(call.function.arguments)]);

export async function all(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export async function gatheredCalls(stream) {
  const parts = new Map();
  let finish = null;
  for await (const chunk of stream) {
    for (const choice of chunk.choices) {
      finish = choice.finish_reason ?? finish;
      for (const delta of choice.delta.tool_calls ?? []) {
        if (!parts.has(delta.index)) parts.set(delta.index, { id: '', name: '', arguments: '' });
        const part = parts.get(delta.index);
        part.id += delta.id ?? '';
        part.name += delta.function?.name ?? '';
        part.arguments += delta.function?.arguments ?? '';
      }
    }
  }
  const sorted = [...parts.entries()].sort(([a], [b]) => a - b).map(([, part]) => part);
  return {
    calls: sorted.map((part) => [part.name, JSON.parse(part.arguments)]),
    ids: new Set(sorted.map((part) => part.id)).size,
    finish,
  };
}

export async function gatheredText(stream) {
  let text = '', finish = null, role = null, bare = 0;
  const counted = [];
  for await (const chunk of stream) {
    if (chunk.usage) {
      counted.push(usage(chunk));
      bare += chunk.choices.length === 0 ? 1 : 0;
    }
    for (const choice of chunk.choices) {
      role = role ?? choice.delta.role ?? null;
      text += choice.delta.content ?? '';
      finish = choice.finish_reason ?? finish;
    }
  }
  return { text, finish, role, usage: counted, bare };
}
