// The real npm client against a desk; prints what it read as JSON. Arguments: address, key, other key, question.
import OpenAI, { APIError, NotFoundError, AuthenticationError } from "openai";

const [address, key, otherKey, question] = process.argv.slice(2);
const options = { baseURL: `${address}/v1`, maxRetries: 0 };
const client = new OpenAI({ ...options, apiKey: key });
const messages = [{ role: "user", content: question }];
const asked = { model: "chatsite", messages };
const told = {};

const completion = await client.chat.completions.create(asked);
told.text = completion.choices[0].message.content;
const cited = completion.choices[0].message.annotations[0].url_citation;
told.marker = told.text.slice(cited.start_index, cited.end_index);
told.url = cited.url;

const pieces = [];
for await (const chunk of await client.chat.completions.create({ ...asked, stream: true })) {
  pieces.push(chunk.choices[0]?.delta?.content ?? "");
}
told.streamed = pieces.join("");

const helped = client.chat.completions.stream({ ...asked, stream_options: { include_usage: true } });
const final = await helped.finalChatCompletion();
told.helped = final.choices[0].message.content;
told.helpedAnnotations = final.choices[0].message.annotations.length;
told.helpedTokens = final.usage.total_tokens;

const grown = [...messages, final.choices[0].message, { role: "user", content: "And two?" }];
told.history = (await client.chat.completions.create({ model: "chatsite", messages: grown })).chatsite.history;

const response = await client.responses.create({ model: "chatsite", input: question });
told.responseText = response.output_text;
const kinds = [];
for await (const event of await client.responses.create({ model: "chatsite", input: question, stream: true })) {
  kinds.push(event.type);
}
told.kinds = [...new Set(kinds)];
const stream = client.responses.stream({
  model: "chatsite", input: "And two?", previous_response_id: response.id,
});
const last = await stream.finalResponse();
told.previous = last.previous_response_id === response.id;
told.sameConversation = last.conversation.id === response.conversation.id;
told.kept = (await client.responses.retrieve(last.id)).output_text === last.output_text;
told.models = (await client.models.list()).data.map((model) => model.id);

async function error(kind, call) {
  try {
    await call();
  } catch (problem) {
    return problem instanceof kind && problem instanceof APIError ? problem.code : String(problem);
  }
  return "nothing was refused";
}
const other = new OpenAI({ ...options, apiKey: otherKey });
const stranger = new OpenAI({ ...options, apiKey: "csk_wrong" });
told.notFound = await error(NotFoundError, () => other.responses.retrieve(last.id));
told.notLetIn = await error(AuthenticationError, () => stranger.models.list());
console.log(JSON.stringify(told));
