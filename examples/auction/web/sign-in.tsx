// Whoever comes takes a paddle.
import { useActionState } from "react";

import { Drawing } from "./drawing.tsx";
import { Header } from "./header.tsx";
import { fetchPaddle, type Paddle } from "./paddle.ts";

export function SignIn({ room, onPaddle }: { room: string; onPaddle(paddle: Paddle): void }) {
  const [error, ask, isPending] = useActionState(async (_before: string, form: FormData) => {
    try {
      const role = form.get("sells") ? "auctioneer" : "bidder";
      onPaddle(await fetchPaddle(form.get("name") as string, role)); // a text field gives a text
      return "";
    } catch (cause) {
      return String(cause);
    }
  }, "");
  return (
    <>
      <Header room={room} />
      <main>
        <section className="stage" aria-label="At the door">
          <Drawing lot={0} />
          <form className="sign-in" action={ask}>
            <h2>Take a paddle</h2>
            <p>Others see this name beside your bids.</p>
            <label htmlFor="name">Your name</label>
            <input
              id="name"
              name="name"
              required
              maxLength={40}
              pattern=".*\S.*"
              autoComplete="nickname"
            />
            <label className="choice">
              <input type="checkbox" name="sells" /> I am the auctioneer
            </label>
            <button className="primary" disabled={isPending}>
              Go in
            </button>
            <p role="alert">{error}</p>
          </form>
        </section>
      </main>
    </>
  );
}
