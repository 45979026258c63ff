import { PressButton } from "@openhouse/web/ui/press-button";
import type { AssistantKind } from "../../../lib/chat/assistant-kind.ts";

interface WelcomeProps {
  assistant: AssistantKind;
  developmentName: string;
  suggestions: readonly string[];
  onAsk: (question: string) => void;
}

const SAYS: Record<AssistantKind, (developmentName: string) => string> = {
  model: (name) =>
    `The assistant reads the documents about ${name} and answers from them. It names its sources, so that you can check what it says.`,
  passages: (name) =>
    `Your question is looked up in the documents about ${name}, and you get the passages that fit best, word for word, with their source.`,
};

/** What stands where the messages will be: what this is, and questions to begin with. */
export function Welcome({ assistant, developmentName, suggestions, onAsk }: WelcomeProps) {
  return (
    <div className="mx-auto flex max-w-xl flex-col gap-6 py-8 sm:py-14">
      <div className="space-y-2">
        <h1 className="text-2xl font-semibold tracking-tight sm:text-3xl">Ask about your home</h1>
        <p className="text-muted">
          {SAYS[assistant](developmentName)} A question that they do not answer is shown to the developer,
          without your name.
        </p>
      </div>
      {suggestions.length > 0 && (
        <ul aria-label="Questions to begin with" className="grid gap-2.5 sm:grid-cols-2">
          {suggestions.map((question) => (
            <li key={question}>
              <PressButton
                look="secondary"
                className="h-full w-full justify-start text-left font-medium"
                onPress={() => onAsk(question)}
              >
                {question}
              </PressButton>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
