// Your paddle: a token with what stands on it, kept in this browser.

export type Paddle = {
  token: string;
  sub: string;
  name: string;
  role: "bidder" | "auctioneer";
};

export function keptPaddle(): Paddle | undefined {
  const kept = localStorage.getItem("paddle");
  return kept === null ? undefined : (JSON.parse(kept) as Paddle);
}

export function keepPaddle(paddle: Paddle | undefined): void {
  if (paddle) localStorage.setItem("paddle", JSON.stringify(paddle));
  else localStorage.removeItem("paddle");
}

/** Asks the house for one. */
export async function fetchPaddle(name: string, role: Paddle["role"]): Promise<Paddle> {
  const answer = await fetch("/auction/paddle", {
    method: "POST",
    body: JSON.stringify({ name, role }),
  });
  if (!answer.ok) throw new Error(`The house gave no paddle (${answer.status}).`);
  return (await answer.json()) as Paddle;
}
