// A ring that empties until a time that the room has set.
import { useEffect, useState } from "react";

const ROUND = 2 * Math.PI * 44;

export function Countdown({ until, what }: { until: number | null; what: string }) {
  const now = useNow(until !== null);
  const [from, setFrom] = useState({ until, at: now });
  // Another end is another full ring.
  if (from.until !== until) setFrom({ until, at: Date.now() });
  if (until === null) return null;
  const left = Math.max(0, until - now);
  const seconds = Math.ceil(left / 1000);
  const share = left / Math.max(1, until - from.at);
  return (
    <p className="countdown" data-short={seconds <= 5} role="timer" aria-label={what}>
      <svg viewBox="0 0 100 100" aria-hidden="true">
        <circle cx="50" cy="50" r="44" />
        <circle cx="50" cy="50" r="44" strokeDasharray={`${ROUND * Math.min(1, share)} ${ROUND}`} />
      </svg>
      <strong>{seconds}</strong>
      <span>{what}</span>
    </p>
  );
}

/** The time, a few times a second while somebody needs it. */
function useNow(isRunning: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!isRunning) return undefined;
    const ticking = setInterval(() => setNow(Date.now()), 200);
    return () => clearInterval(ticking);
  }, [isRunning]);
  return now;
}
