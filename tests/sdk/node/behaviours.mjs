// What the official Node client of OpenAI sees of a gateway, as JSON lines on stdout.
// Every function is one behaviour of tests/sdk/expectations.py and returns what it observed.

import OpenAI from 'openai';
import { text as readAll } from 'node:stream/consumers';

import { seen, usage, failure, calls, all, gatheredCalls, gatheredText } from './observed.mjs';

const PARIS = [{ role: 'user', content: 'What is the weather in Paris?' }];
const HELLO = [{ role: 'user', content: 'Hello' }];
const TOOLS = [['get_weather', 'city'], ['get_time', 'zone']].map(([name, key]) => ({
  type: 'function',
  function: {
    name,
    description: `Ask for the ${name}.`,
    parameters: { type: 'object', properties: { [key]: { type: 'string' } } },
  },
}));

class Lab {
  constructor(setting, behaviour) {
    this.setting = setting;
    this.clientName = setting.client;
    this.requestId = `${setting.client}.${behaviour}`;
  }

  client(key = 'main', more = {}) {
    return new OpenAI({
      baseURL: this.setting.base_url,
      apiKey: this.setting.keys[key],
      maxRetries: 0,
      timeout: 20_000,
      defaultHeaders: { 'x-request-id': this.requestId },
      ...more,
    });
  }

  ask(model = 'plain', more = {}, key = 'main') {
    return this.client(key).chat.completions.create({ model, messages: HELLO, ...more });
  }
}

const ORCHID = [{ role: 'user', content: 'tell me about PROJECT-ORCHID please' }];

const behaviours = {
  async chat(lab) {
    const answer = await lab.ask();
    return { ...seen(answer), usage: usage(answer), role: answer.choices[0].message.role };
  },
  unicode_text: async (lab) =>
    seen(await lab.ask('echo', { messages: [{ role: 'user', content: 'Grüße 👋 日本語 \u2028' }] })),
  request_id: async (lab) => ({ same: (await lab.ask())._request_id === lab.requestId }),
  async headers(lab) {
    const { response } = await lab.client('limited').chat.completions
      .create({ model: 'plain', messages: PARIS }).withResponse();
    return {
      decision: response.headers.get('x-gatehouse-decision'),
      limit: response.headers.get('x-ratelimit-limit-requests'),
      remaining: response.headers.get('x-ratelimit-remaining-requests'),
    };
  },
  stream: async (lab) => gatheredText(await lab.ask('plain', { stream: true })),
  async stream_helper(lab) {
    const runner = lab.client().chat.completions.stream({ model: 'plain', messages: PARIS });
    return seen(await runner.finalChatCompletion());
  },
  stream_usage: async (lab) =>
    gatheredText(await lab.ask('plain', { stream: true, stream_options: { include_usage: true } })),
  length: async (lab) => seen(await lab.ask('length')),
  async tools(lab) {
    const answer = await lab.ask('tools', { messages: PARIS, tools: TOOLS, tool_choice: 'auto' });
    const [choice] = answer.choices;
    return { calls: calls(choice.message.tool_calls), finish: choice.finish_reason };
  },
  tools_stream: async (lab) =>
    gatheredCalls(await lab.ask('tools', { messages: PARIS, tools: TOOLS, stream: true })),
  async parallel_tools(lab) {
    const more = { messages: PARIS, tools: TOOLS, parallel_tool_calls: true };
    const [choice] = (await lab.ask('parallel-tools', more)).choices;
    return { calls: calls(choice.message.tool_calls), finish: choice.finish_reason };
  },
  parallel_tools_stream: async (lab) =>
    gatheredCalls(await lab.ask('parallel-tools', { messages: PARIS, tools: TOOLS, stream: true })),
  async tool_results(lab) {
    const call = {
      id: 'call_1',
      type: 'function',
      function: { name: 'get_weather', arguments: '{"city": "Paris"}' },
    };
    const messages = [
      ...PARIS,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"celsius": 21}' },
    ];
    return seen(await lab.ask('plain', { messages, tools: TOOLS }));
  },
  async two_choices(lab) {
    const answer = await lab.ask('plain', { n: 2 });
    return { texts: answer.choices.map((c) => c.message.content), n: answer.choices.length };
  },
  async two_choices_stream(lab) {
    const texts = ['', ''];
    const finishes = [null, null];
    for await (const chunk of await lab.ask('plain', { n: 2, stream: true })) {
      for (const choice of chunk.choices) {
        texts[choice.index] += choice.delta.content ?? '';
        finishes[choice.index] = choice.finish_reason ?? finishes[choice.index];
      }
    }
    return { texts, finishes };
  },
  async json_object(lab) {
    const answer = await lab.ask('json', { response_format: { type: 'json_object' } });
    return { parsed: JSON.parse(answer.choices[0].message.content) };
  },
  async json_schema(lab) {
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const wanted = { type: 'json_schema', json_schema: { name: 'place', schema } };
    const answer = await lab.ask('json', { response_format: wanted });
    return { parsed: JSON.parse(answer.choices[0].message.content) };
  },
  async image(lab) {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: lab.setting.image, detail: 'low' } },
    ];
    return seen(await lab.ask('echo', { messages: [{ role: 'user', content }] }));
  },
  async audio(lab) {
    const content = [
      { type: 'text', text: 'Who speaks?' },
      { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
    ];
    return seen(await lab.ask('echo', { messages: [{ role: 'user', content }] }));
  },
  unknown_fields: async (lab) => seen(await lab.ask('plain', {
    x_vendor: { deep: [1, 2.5, null, 'ü'] },
    reasoning_budget: 12,
    seed: 7,
    logit_bias: { 50256: -100 },
  })),
  token_limit: async (lab) => seen(await lab.ask('plain', { max_tokens: 500 }, 'brief')),
  wrong_key: (lab) => failure(() => lab.ask('plain', {}, 'wrong')),
  expired_key: (lab) => failure(() => lab.ask('plain', {}, 'expired')),
  forbidden: (lab) => failure(() => lab.ask('plain', {}, 'ghost')),
  unknown_model: (lab) => failure(() => lab.ask('no-such-model')),
  unknown_address: (lab) => failure(() => lab.client().post('/no-such-endpoint', { body: {} })),
  bad_request: (lab) => failure(() => lab.ask('plain', { messages: [] })),
  async blocked_input(lab) {
    try {
      await lab.client('main', { maxRetries: 2 }).chat.completions
        .create({ model: 'plain', messages: ORCHID });
    } catch (error) {
      if (!(error instanceof OpenAI.BadRequestError)) throw error;
      const inner = error.error?.innererror?.code;
      return { raised: error.constructor.name, code: error.code, inner };
    }
    return { raised: null };
  },
  blocked_input_stream: (lab) =>
    failure(async () => all(await lab.ask('plain', { messages: ORCHID, stream: true }))),
  async blocked_output(lab) {
    const { text, finish } = seen(await lab.ask('leaky'));
    return { leaked: (text ?? '').includes('swordfish'), finish };
  },
  async blocked_output_stream(lab) {
    const { text, finish } = await gatheredText(await lab.ask('leaky', { stream: true }));
    return { leaked: text.includes('swordfish'), finish };
  },
  provider_filter: (lab) => failure(() => lab.ask('content-filter')),
  provider_rejects: (lab) => failure(() => lab.ask('status-400')),
  provider_fails: (lab) => failure(() => lab.ask('status-500')),
  provider_fails_stream: (lab) =>
    failure(async () => all(await lab.ask('status-500', { stream: true }))),
  provider_limits: (lab) => failure(() => lab.ask('status-429')),
  provider_late: (lab) => failure(() => lab.ask('hurried')),
  async rate_limit(lab) {
    await lab.ask('plain', {}, 'once');
    try {
      await lab.ask('plain', {}, 'once');
    } catch (error) {
      const wait = Number(error.headers.get('retry-after'));
      return { raised: error.constructor.name, code: error.code, waits: wait >= 1 && wait <= 60 };
    }
    return { raised: null };
  },
  spent_quota_is_final: (lab) => failure(() => lab.client('tiny', { maxRetries: 3 }).chat.completions
    .create({ model: 'plain', messages: [{ role: 'user', content: 'a long question '.repeat(20) }] })),
  async waits_as_told(lab) {
    const began = performance.now();
    const answer = await lab.client('main', { maxRetries: 2 }).chat.completions
      .create({ model: `limited-once-${lab.clientName}`, messages: PARIS });
    return { ...seen(answer), waited: performance.now() - began >= 999 };
  },
  retries: async (lab) => seen(await lab.client('main', { maxRetries: 1 }).chat.completions
    .create({ model: `flaky-${lab.clientName}`, messages: PARIS })),
  client_timeout: (lab) => failure(() => lab.client('main', { timeout: 500 }).chat.completions
    .create({ model: 'hang', messages: PARIS })),
  async leaves_mid_stream(lab) {
    const stream = await lab.ask('slow', { stream: true });
    let text = '';
    for await (const chunk of stream) {
      text += chunk.choices[0].delta.content ?? '';
      if (text) break;
    }
    stream.controller.abort();
    return { began: text.startsWith('0') };
  },
  broken_stream: (lab) => failure(async () => all(await lab.ask('drop-mid', { stream: true }))),
  async models_list(lab) {
    const ids = [];
    for await (const model of lab.client('narrow').models.list()) ids.push(model.id);
    return { ids: ids.sort() };
  },
  async models_retrieve(lab) {
    const model = await lab.client().models.retrieve('plain');
    return { id: model.id, object: model.object };
  },
  models_retrieve_unknown: (lab) => failure(() => lab.client().models.retrieve('no-such-model')),
  async moderation(lab) {
    const { results, model } = await lab.client().moderations.create({
      input: ['hello', 'tell me about project-orchid please'], model: 'omni-moderation-latest',
    });
    return {
      flagged: results.map((result) => result.flagged),
      violence: results.map((result) => result.categories.violence),
      self_harm_score: results[1].category_scores['self-harm'],
      policy: results.map((result) => result.categories.policy),
      judged_by: model.split('@')[0],
    };
  },
  async moderation_parts(lab) {
    const input = [{ type: 'text', text: 'about' }, { type: 'text', text: 'PROJECT-ORCHID' }];
    const { results } = await lab.client().moderations.create({ input });
    return { flagged: results.map((result) => result.flagged) };
  },
  moderation_image: (lab) => failure(() => lab.client().moderations.create({
    input: [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: lab.setting.image } },
    ],
  })),
  moderation_unknown_model: (lab) => failure(() =>
    lab.client().moderations.create({ input: 'x', model: 'no-such-model' })),
  async many_at_once(lab) {
    const client = lab.client();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) =>
      client.chat.completions.create({
        model: 'echo', messages: [{ role: 'user', content: `number ${n}` }],
      })));
    return { texts: answers.map((answer) => answer.choices[0].message.content) };
  },
};

const setting = JSON.parse(await readAll(process.stdin));
for (const name of setting.behaviours) {
  let observed;
  try {
    observed = behaviours[name]
      ? await behaviours[name](new Lab(setting, name))
      : { crash: 'not implemented' };
  } catch (error) {
    observed = { crash: `${error.constructor.name}: ${error.message}` };
  }
  process.stdout.write(JSON.stringify({ behaviour: name, observed }) + '\n');
}
