// What publisher and worker share: the same queue, and the same body that Roost's load posts.

export const NAME = "webhooks";
export const connection = { host: "127.0.0.1", port: Number(process.env.REDIS_PORT) };

const TEXT =
  "An ordinary message names a post, a revision and an epoch, and says little " +
  "more than that; this one is as long as such a message is with its names.";

export const body = (number, due) => JSON.stringify({ due, number, text: TEXT });
