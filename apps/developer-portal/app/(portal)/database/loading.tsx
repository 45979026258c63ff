import { PageSkeleton } from "@openhouse/web/ui/skeleton";

export default function Loading() {
  return <PageSkeleton label="Loading the figures of the database" rows={3} />;
}
