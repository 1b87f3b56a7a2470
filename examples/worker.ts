// The reference Worker: one module that binds every example's room.

export default {
  fetch(): Response {
    return new Response("Not found", { status: 404 });
  },
};
