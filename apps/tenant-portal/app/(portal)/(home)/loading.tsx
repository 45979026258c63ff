import { PageSkeleton } from "@openhouse/web/ui/skeleton";

export default function Loading() {
  return <PageSkeleton label="Loading your home" />;
}
