// What the Vercel AI SDK sees of a gateway. One setting on stdin, one JSON line for each behaviour.
import { createOpenAI } from "@ai-sdk/openai";
import { embed, generateText, jsonSchema, streamText, tool } from "ai";
import { readFileSync } from "node:fs";

const setting = JSON.parse(readFileSync(0, "utf8"));
const openai = createOpenAI({ baseURL: `${setting.base_url}/v1`, apiKey: setting.key });
const tools = {
  get_weather: tool({
    description: "Ask for the weather.",
    inputSchema: jsonSchema({ type: "object", properties: { city: { type: "string" } } }),
  }),
};
const options = { maxRetries: 0 };

const ask = (model) => async () => {
  const { text, finishReason } = await generateText({ model, prompt: "Hello", ...options });
  return { text, finish: finishReason };
};
const stream = (model) => async () => {
  let text = "";
  const answer = streamText({ model, prompt: "Hello", ...options });
  for await (const part of answer.textStream) text += part;
  return { text, finish: await answer.finishReason };
};
const call = (model) => async () => {
  const { toolCalls } = await generateText({ model, tools, prompt: "Paris?", ...options });
  return { calls: toolCalls.map((made) => [made.toolName, made.input]) };
};
const callStream = (model) => async () => {
  const answer = streamText({ model, tools, prompt: "Paris?", ...options });
  return { calls: (await answer.toolCalls).map((made) => [made.toolName, made.input]) };
};

const behaviours = {
  chat: ask(openai.chat("plain")),
  chat_stream: stream(openai.chat("plain")),
  responses: ask(openai.responses("plain")),
  responses_stream: stream(openai.responses("plain")),
  responses_bridged: ask(openai.responses("bridged-plain")),
  responses_bridged_stream: stream(openai.responses("bridged-plain")),
  responses_leak_stream: stream(openai.responses("leaky")),
  tools: call(openai.responses("tools")),
  tools_stream: callStream(openai.responses("bridged-tools")),
  embedding: async () => {
    const { embedding } = await embed({
      model: openai.embedding("plain"),
      value: "one",
      ...options,
    });
    return { vector: embedding };
  },
  blocked: async () => {
    try {
      await generateText({ model: openai.responses("plain"), prompt: "project-orchid", ...options });
    } catch (error) {
      return { status: error.statusCode };
    }
    return { status: 200 };
  },
};

for (const [behaviour, run] of Object.entries(behaviours)) {
  let observed;
  try {
    observed = await run();
  } catch (error) {
    observed = { raised: error.name, said: String(error.message).slice(0, 300) };
  }
  console.log(JSON.stringify({ behaviour, observed }));
}
